package io.arcfs.cli.image;

import io.arcfs.erofs.build.SourceFile;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A file of the tree that an image is made of. Thread-safe.
 *
 * @param path not to be changed
 */
record PosixSource(byte[] path) implements SourceFile {
    @Override
    public Open open() throws IOException {
        return new OpenSource(PosixFile.open(path, OpenFlag.READ, OpenFlag.NOFOLLOW));
    }

    /** Thread-safe, as the file is. */
    record OpenSource(PosixFile file) implements Open {
        @Override
        public int read(long offsetBytes, MemorySegment target) throws IOException {
            return file.read(offsetBytes, target);
        }

        @Override
        public long nextData(long offsetBytes) throws IOException {
            return file.seekData(offsetBytes);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }

        @Override
        public String toString() {
            return file.toString();
        }
    }
}
