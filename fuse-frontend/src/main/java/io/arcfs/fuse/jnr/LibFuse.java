package io.arcfs.fuse.jnr;

import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import org.jspecify.annotations.Nullable;

/**
 * The calls of libfuse 2.9 (fuse.h, fuse_lowlevel.h at fuse-2.9.9) that run a mount from Java.
 * Opaque C objects are pointers.
 *
 * <p>Not {@code fuse_main}: its thread pool attaches a new Java thread to nearly every request. Not
 * {@code fuse_new}: the library exports several under that name, and dlsym finds the oldest.
 */
public interface LibFuse {
    /** Mounts: {@code struct fuse *fuse_setup(argc, argv, ...)}; null if it was refused. */
    @Nullable Pointer fuse_setup(
            int argc,
            Pointer argv,
            Pointer operations,
            long operationsSize,
            Pointer mountpointOut,
            Pointer multithreadedOut,
            @Nullable Pointer userData);

    Pointer fuse_get_session(Pointer fuse);

    Pointer fuse_session_next_chan(Pointer session, @Nullable Pointer previous);

    /** Takes back what fuse_setup did to the process's signals. */
    void fuse_remove_signal_handlers(Pointer session);

    /** Serves requests on the calling thread until the mount ends. */
    int fuse_loop(Pointer fuse);

    /** Closes the channel; unmounts first if that was not done. */
    void fuse_unmount(@In byte[] mountpoint, Pointer channel);

    void fuse_destroy(Pointer fuse);

    /** Address of the thread's {@code struct fuse_context}: who asks. */
    long fuse_get_context();
}
