package io.arcfs.fuse.kernel;

import io.arcfs.fuse.HandOver;
import io.arcfs.fuse.Mount;
import io.arcfs.fuse.MountCheck;
import io.arcfs.fuse.MountException;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.Transport;
import io.arcfs.overlay.FileSystem;
import java.nio.file.Path;

/**
 * Serves a file system by the kernel's own protocol on /dev/fuse; needs no libfuse. Thread-safe.
 */
public final class NativeTransport implements Transport {
    public static final String NAME = "native";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Mount mount(FileSystem fileSystem, Path mountpoint, MountOptions options)
            throws MountException {
        Path real = MountCheck.check(mountpoint, options);
        return NativeMount.start(fileSystem, real, options, Mounting.mount(real, options));
    }

    /**
     * Serves a mount that another process served before, and everything it had open there.
     *
     * @param mountpoint absolute, without symbolic links
     */
    public Mount resume(FileSystem fileSystem, Path mountpoint, HandOver handOver)
            throws MountException {
        return NativeMount.resume(fileSystem, mountpoint, handOver);
    }
}
