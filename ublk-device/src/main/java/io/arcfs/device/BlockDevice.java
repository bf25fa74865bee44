package io.arcfs.device;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A flat, fixed-size range of bytes addressed in blocks.
 *
 * <p>Offsets and lengths are bytes. Unless an implementation says more, they are multiples of
 * {@link #blockSizeBytes()}. A write is durable when a {@link #flush()} that began after it
 * returned has returned. Bytes never written read as zeros.
 *
 * <p>Thread-safe: requests to disjoint ranges may run at once.
 */
public interface BlockDevice extends AutoCloseable {
    /** Size in bytes; a multiple of the block size. */
    long sizeBytes();

    /** The unit of addressing, a power of two. */
    int blockSizeBytes();

    /** Fills {@code target} with the bytes at {@code offsetBytes}; all of it or an exception. */
    void read(long offsetBytes, MemorySegment target) throws IOException;

    /** Writes all of {@code source} at {@code offsetBytes}. */
    void write(long offsetBytes, MemorySegment source) throws IOException;

    /** Makes every write that has returned durable. */
    void flush() throws IOException;

    /** Says that the bytes of the range are no longer needed; they read as zeros or as before. */
    void discard(long offsetBytes, long lengthBytes) throws IOException;

    @Override
    void close() throws IOException;
}
