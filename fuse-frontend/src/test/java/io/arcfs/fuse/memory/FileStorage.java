package io.arcfs.fuse.memory;

import io.arcfs.overlay.BackingFile;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntUnaryOperator;

/** Bytes in a file of the machine's own: what a transport costs above that can be measured. */
public final class FileStorage implements Storage {
    private final Path path;
    private final PosixFile file;

    private FileStorage(Path path, PosixFile file) {
        this.path = path;
        this.file = file;
    }

    /** A new, empty file; it lasts as long as the storage. */
    public static FileStorage in(Path directory, long inode) {
        Path path = directory.resolve(Long.toString(inode));
        try {
            return new FileStorage(
                    path,
                    PosixFile.open(
                            path,
                            OpenFlag.READ,
                            OpenFlag.WRITE,
                            OpenFlag.CREATE,
                            OpenFlag.TRUNCATE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void put(long offset, MemorySegment source) throws IOException {
        file.write(offset, source);
    }

    @Override
    public void get(long offset, MemorySegment target) throws IOException {
        int got = file.read(offset, target);
        target.asSlice(got).fill((byte) 0);
    }

    @Override
    public BackingFile backing() {
        return new BackingFile() {
            @Override
            public int withDescriptor(IntUnaryOperator use) {
                return file.withDescriptor(use);
            }

            @Override
            public void release() {
                // the storage keeps it open as long as there is an inode
            }
        };
    }

    @Override
    public void clear() throws IOException {
        file.truncate(0);
    }

    @Override
    public void close() throws IOException {
        file.close();
        Files.delete(path);
    }
}
