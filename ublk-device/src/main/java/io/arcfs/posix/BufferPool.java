package io.arcfs.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Native, page-aligned buffers of one size that are used again.
 *
 * <p>Never blocks: when none is idle a new one is made, and what is given back beyond the number to
 * keep is left to the collector. The content of a taken buffer is whatever was there. Thread-safe.
 */
public final class BufferPool {
    private static final long PAGE_BYTES = 4096;

    private final long bufferBytes;
    private final ArrayBlockingQueue<MemorySegment> idle;

    /**
     * @param keep how many idle buffers are kept
     */
    public BufferPool(long bufferBytes, int keep) {
        this.bufferBytes = bufferBytes;
        this.idle = new ArrayBlockingQueue<>(keep);
    }

    public long bufferBytes() {
        return bufferBytes;
    }

    /** A buffer of {@link #bufferBytes()}, the caller's until it gives it back. */
    public MemorySegment take() {
        MemorySegment buffer = idle.poll();
        return buffer != null ? buffer : Arena.ofAuto().allocate(bufferBytes, PAGE_BYTES);
    }

    /** Takes back a buffer that {@link #take} gave; the caller no longer touches it. */
    public void give(MemorySegment buffer) {
        if (buffer.byteSize() != bufferBytes) {
            throw new IllegalArgumentException("not a buffer of this pool: " + buffer);
        }
        if (!idle.offer(buffer)) {
            return; // enough are kept; the collector frees this one
        }
    }
}
