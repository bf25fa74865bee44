package io.arcfs.tier.medium;

import io.arcfs.posix.BufferPool;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** One system call after the other: what every kernel allows. Thread-safe. */
final class PositionedFile implements BulkFile {
    private final PosixFile file;
    private final String how;
    private final BufferPool buffers = new BufferPool(BUFFER_BYTES, 3);

    /**
     * @param how for people
     */
    PositionedFile(PosixFile file, String how) {
        this.file = file;
        this.how = how;
    }

    @Override
    public void read(long offset, MemorySegment target) throws IOException {
        int got = file.read(offset, target);
        if (got < target.byteSize()) {
            throw new IOException(file + ": ends at byte " + (offset + got));
        }
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
        file.write(offset, source);
    }

    @Override
    public MemorySegment takeBuffer() {
        return buffers.take();
    }

    @Override
    public void giveBuffer(MemorySegment buffer) {
        buffers.give(buffer);
    }

    @Override
    public String how() {
        return how;
    }

    @Override
    public void close() {}
}
