package io.arcfs.fuse.memory;

import io.arcfs.overlay.BackingFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Where one file's bytes stand; zero where none were put. Readers may meet one writer. */
public interface Storage {
    /** One in memory for every inode. */
    static LongFunction<Storage> inMemory() {
        return inode -> new SparseBytes();
    }

    void put(long offset, MemorySegment source) throws IOException;

    void get(long offset, MemorySegment target) throws IOException;

    /** The file of the machine that has the bytes, or null. */
    default @Nullable BackingFile backing() {
        return null;
    }

    void clear() throws IOException;

    /** The file is gone. */
    void close() throws IOException;
}
