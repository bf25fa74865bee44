package io.arcfs.fuse.jnr;

import io.arcfs.fuse.Mount;
import io.arcfs.fuse.MountCheck;
import io.arcfs.fuse.MountException;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.Transport;
import io.arcfs.overlay.FileSystem;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;

/**
 * Serves a file system through jnr-fuse and libfuse 2.9. What this cannot do stands in
 * docs/transports.md. Thread-safe.
 */
public final class JnrTransport implements Transport {
    private static final String LIBRARY = "libfuse.so.2";

    @Override
    public String name() {
        return "jnr";
    }

    @Override
    public Mount mount(FileSystem fileSystem, Path mountpoint, MountOptions options)
            throws MountException {
        Path real = MountCheck.check(mountpoint, options);
        return JnrMount.start(load(mountpoint), fileSystem, real, options);
    }

    private static LibFuse load(Path mountpoint) throws MountException {
        try {
            return LibraryLoader.create(LibFuse.class).failImmediately().load(LIBRARY);
        } catch (UnsatisfiedLinkError e) {
            throw new MountException(
                    "cannot mount at "
                            + mountpoint
                            + ": "
                            + LIBRARY
                            + " is missing; install the package libfuse2 (libfuse2t64 on newer"
                            + " systems)",
                    e);
        }
    }
}
