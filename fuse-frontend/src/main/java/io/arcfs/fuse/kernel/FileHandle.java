package io.arcfs.fuse.kernel;

import io.arcfs.fuse.kernel.FileOpens.InodeOpens;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.OpenFile;

/** What the kernel's handle of a regular file stands for. Thread-safe. */
final class FileHandle {
    /** How the kernel does I/O on a handle; fixed at open. */
    enum IoMode {
        /** Through the kernel's page cache. */
        CACHED,
        /** Every read and write is a request. */
        DIRECT,
        /** As direct, of an inode whose backing file the kernel reads through other handles. */
        DIRECT_BACKED,
        /** The kernel reads the backing file itself. */
        PASSTHROUGH
    }

    private final OpenFile file;
    private final OpenMode mode;
    private final IoMode ioMode;
    private final InodeOpens opens;

    /** The {@link Privileges#version} at which the file was seen to have no capabilities. */
    private volatile long cleanVersion = Privileges.NEVER;

    FileHandle(OpenFile file, OpenMode mode, IoMode ioMode, InodeOpens opens) {
        this.file = file;
        this.mode = mode;
        this.ioMode = ioMode;
        this.opens = opens;
    }

    OpenFile file() {
        return file;
    }

    OpenMode mode() {
        return mode;
    }

    IoMode ioMode() {
        return ioMode;
    }

    InodeOpens opens() {
        return opens;
    }

    long cleanVersion() {
        return cleanVersion;
    }

    void cleanAt(long version) {
        cleanVersion = version;
    }
}
