package io.arcfs.erofs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Reads the extra devices of an image. */
@FunctionalInterface
public interface DeviceReader {
    /**
     * Fills {@code target} with the bytes at {@code addressBytes} of device slot {@code deviceId} -
     * 1, all of it or an exception.
     */
    void read(int deviceId, long addressBytes, MemorySegment target) throws IOException;
}
