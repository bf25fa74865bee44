package io.arcfs.erofs.build;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Where data goes: a new file, so that what is not written reads as zeros. Thread-safe. */
public interface DataTarget {
    /** Writes all of {@code bytes}, which are native memory. */
    void write(long offsetBytes, MemorySegment bytes) throws IOException;

    /**
     * Copies bytes without bringing them to this process, by reference where the file system can.
     *
     * @return false if that is not possible or not faster here, with nothing written
     */
    boolean copy(SourceFile.Open from, long fromBytes, long toBytes, long lengthBytes)
            throws IOException;
}
