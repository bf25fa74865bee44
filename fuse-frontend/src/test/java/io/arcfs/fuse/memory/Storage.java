package io.arcfs.fuse.memory;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;

/** Where one file's bytes stand; zero where none were put. Readers may meet one writer. */
public interface Storage {
    /** A storage in memory for every inode. */
    LongFunction<Storage> IN_MEMORY = inode -> new SparseBytes();

    void put(long offset, MemorySegment source) throws IOException;

    void get(long offset, MemorySegment target) throws IOException;

    void clear() throws IOException;

    /** The file is gone. */
    void close() throws IOException;
}
