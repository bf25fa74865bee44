package io.arcfs.erofs;

/** A run of a file's bytes, from the offset that was asked for. Immutable. */
public sealed interface Extent {
    /** Bytes from the offset to the end of the run; at least one. */
    long lengthBytes();

    /** Zeros that are stored nowhere. */
    record Hole(long lengthBytes) implements Extent {}

    /**
     * Bytes on a device.
     *
     * @param deviceId 0: the image itself; i: device slot i - 1
     * @param addressBytes where the run starts on that device
     */
    record Mapped(int deviceId, long addressBytes, long lengthBytes) implements Extent {}
}
