package io.arcfs.fuse.jnr;

import io.arcfs.overlay.OpenFile;

/** What the kernel's handle of a regular file stands for. Thread-safe. */
final class FileHandle {
    private final OpenFile file;

    /** The {@link PrivilegeBits#version} at which this file had no bits to lose. */
    private volatile long cleanVersion = PrivilegeBits.NEVER;

    FileHandle(OpenFile file) {
        this.file = file;
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

    void release() {
        file.release();
    }
}
