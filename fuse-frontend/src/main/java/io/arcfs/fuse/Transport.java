package io.arcfs.fuse;

import io.arcfs.overlay.FileSystem;
import java.nio.file.Path;

/** A way to serve a file system to the kernel. Thread-safe. */
public interface Transport {
    /** The name as {@code -o fuse=} and status say it. */
    String name();

    /**
     * Mounts and starts serving; returns as soon as the mount exists. The file system stays the
     * caller's, to be closed after the mount is.
     *
     * @throws MountException in one line; nothing was changed, or it was undone
     */
    Mount mount(FileSystem fileSystem, Path mountpoint, MountOptions options) throws MountException;
}
