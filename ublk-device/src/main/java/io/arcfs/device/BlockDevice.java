package io.arcfs.device;

import java.io.IOException;
import java.lang.foreign.Arena;
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
    /**
     * Size of the zeros that {@link #writeZeroes} writes at a time where nothing better is known.
     */
    long ZEROES_BYTES = 1 << 20;

    /** Size in bytes; a multiple of the block size. */
    long sizeBytes();

    /** The unit of addressing, a power of two. */
    int blockSizeBytes();

    /** Fills {@code target} with the bytes at {@code offsetBytes}; all of it or an exception. */
    void read(long offsetBytes, MemorySegment target) throws IOException;

    /** Writes all of {@code source} at {@code offsetBytes}. */
    void write(long offsetBytes, MemorySegment source) throws IOException;

    /**
     * Writes all of {@code source}, durable when it returns (FUA); what was written before is not.
     */
    default void writeDurably(long offsetBytes, MemorySegment source) throws IOException {
        write(offsetBytes, source);
        flush();
    }

    /** Makes every write that has returned durable. */
    void flush() throws IOException;

    /** Says that the bytes of the range are no longer needed; they read as zeros or as before. */
    void discard(long offsetBytes, long lengthBytes) throws IOException;

    /** Makes the range read as zeros; a write as any other. */
    default void writeZeroes(long offsetBytes, long lengthBytes, ZeroedSpace space)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros =
                    arena.allocate(Math.min(lengthBytes, ZEROES_BYTES), blockSizeBytes());
            for (long done = 0; done < lengthBytes; done += zeros.byteSize()) {
                long part = Math.min(zeros.byteSize(), lengthBytes - done);
                write(offsetBytes + done, zeros.asSlice(0, part));
            }
        }
    }

    /** What becomes of the space behind zeroed bytes. */
    enum ZeroedSpace {
        /** May be given back. */
        RELEASED,
        /** Stays allocated: later writes there cannot fail for want of space. */
        KEPT
    }

    @Override
    void close() throws IOException;
}
