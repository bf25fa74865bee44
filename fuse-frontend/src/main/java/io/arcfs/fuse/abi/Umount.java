package io.arcfs.fuse.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.arcfs.posix.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** umount2(2), for processes that may. Thread-safe. */
public final class Umount {
    private static final int MNT_FORCE = 1;
    private static final int MNT_DETACH = 2;
    private static final int UMOUNT_NOFOLLOW = 8;

    private static final MethodHandle UMOUNT2 = NativeFunction.link("umount2");

    private Umount() {}

    /** Unmounts what is on top of a directory; the error if it could not. */
    public static Optional<Errno> unmount(Path mountpoint) {
        return call(mountpoint, UMOUNT_NOFOLLOW);
    }

    /**
     * Cuts the kernel's connection to the server, so that every request of now and later fails; the
     * mount itself stays if it is busy.
     */
    public static void abort(Path mountpoint) {
        call(mountpoint, UMOUNT_NOFOLLOW | MNT_FORCE);
    }

    /** Takes the mount off its directory at once; it ends with its last user. */
    public static Optional<Errno> detach(Path mountpoint) {
        return call(mountpoint, UMOUNT_NOFOLLOW | MNT_DETACH);
    }

    private static Optional<Errno> call(Path mountpoint, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment path = arena.allocateFrom(mountpoint.toString(), StandardCharsets.UTF_8);
            int result =
                    (int) (long) UMOUNT2.invokeExact(capture, path.address(), (long) flags, 0L, 0L);
            return result == 0
                    ? Optional.empty()
                    : Optional.of(Errno.of(capture.get(JAVA_INT, NativeFunction.ERRNO_OFFSET)));
        } catch (Throwable e) {
            throw new LinkageError("umount2 cannot be called", e);
        }
    }
}
