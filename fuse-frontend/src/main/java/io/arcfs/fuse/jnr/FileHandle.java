package io.arcfs.fuse.jnr;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenFile;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel's handle of a regular file stands for: the open file, and a second one once a
 * program has switched O_APPEND by fcntl. Thread-safe.
 */
final class FileHandle {
    private final OpenFile file;
    private final OpenMode mode;

    /** With the other setting of O_APPEND; rarely needed. */
    private volatile @Nullable OpenFile switched;

    /** The {@link PrivilegeBits#version} at which this file had no bits to lose. */
    private volatile long cleanVersion = PrivilegeBits.NEVER;

    FileHandle(OpenFile file, OpenMode mode) {
        this.file = file;
        this.mode = mode;
    }

    OpenFile file() {
        return file;
    }

    long cleanVersion() {
        return cleanVersion;
    }

    void cleanAt(long version) {
        cleanVersion = version;
    }

    /** The open file that writes as the program's flags say now. */
    OpenFile writer(FileSystem fileSystem, boolean append) throws FsException {
        if (append == mode.append()) {
            return file;
        }
        OpenFile other = switched;
        return other != null ? other : switchAppend(fileSystem, append);
    }

    private synchronized OpenFile switchAppend(FileSystem fileSystem, boolean append)
            throws FsException {
        OpenFile other = switched;
        if (other == null) {
            OpenMode newMode = new OpenMode(mode.read(), mode.write(), append, false);
            other = fileSystem.open(file.inode(), newMode);
            switched = other;
        }
        return other;
    }

    void release() {
        file.release();
        OpenFile other = switched;
        if (other != null) {
            other.release();
        }
    }
}
