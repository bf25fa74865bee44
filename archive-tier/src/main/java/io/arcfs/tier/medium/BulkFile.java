package io.arcfs.tier.medium;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * How the bytes of a large file or device are moved: whole blocks, page-aligned native memory.
 * Thread-safe.
 */
interface BulkFile extends AutoCloseable {
    /** Size of {@link #takeBuffer}'s buffers. */
    int BUFFER_BYTES = 1 << 20;

    /** Fills the target, or fails. */
    void read(long offset, MemorySegment target) throws IOException;

    /** Writes all of the source. */
    void write(long offset, MemorySegment source) throws IOException;

    /** A buffer that moves with the least effort; the caller's until it is given back. */
    MemorySegment takeBuffer();

    void giveBuffer(MemorySegment buffer);

    /** For people: what moves the bytes, and why nothing better does. */
    String how();

    /** Lets go of what it uses to move bytes; the file itself stays open. */
    @Override
    void close() throws IOException;
}
