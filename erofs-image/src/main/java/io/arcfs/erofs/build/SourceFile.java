package io.arcfs.erofs.build;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A file whose data is copied. Opened when its turn comes. Thread-safe. */
@FunctionalInterface
public interface SourceFile {
    Open open() throws IOException;

    /** The open file. Thread-safe. */
    interface Open extends AutoCloseable {
        /** Reads until {@code target} is full or the file ends; returns the bytes read. */
        int read(long offsetBytes, MemorySegment target) throws IOException;

        /** First offset at or behind this one that may hold data; negative: only a hole follows. */
        long nextData(long offsetBytes) throws IOException;

        @Override
        void close() throws IOException;
    }
}
