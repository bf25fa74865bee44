package io.arcfs.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The C library's functions, each taking the segment that captures errno first.
 *
 * <p>Every function here exists under this name in glibc 2.33 and later. {@code size_t}, {@code
 * ssize_t}, {@code off_t} and {@code dev_t} are 64 bits on both CPUs.
 *
 * <p>The JVM spends about ten milliseconds on every new combination of argument types, which at
 * start is much. So functions share a few: numbers travel in whole registers, of which a function
 * reads the part it declares, and the registers behind its last argument are not looked at (System
 * V ABI for x86-64 3.2.3, AAPCS64 6.4). A combination is linked when the first of its functions is
 * used. Of an {@code int} result only the low half of the register counts. Stateless.
 */
@SuppressWarnings("restricted") // the one place that links native symbols
final class Libc {
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    private static final Linker LINKER = Linker.nativeLinker();

    private Libc() {}

    private static MethodHandle link(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_LONG, arguments),
                CAPTURE);
    }

    /** {@code open} alone: the mode is a variadic argument. */
    private static final class Opening {
        static final MethodHandle OPEN =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("open"),
                        FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                        CAPTURE,
                        Linker.Option.firstVariadicArg(2));
    }

    /** Numbers only. */
    private static final class Numbers {
        static final MethodHandle CLOSE = of("close");
        static final MethodHandle FSYNC = of("fsync");
        static final MethodHandle FDATASYNC = of("fdatasync");
        static final MethodHandle SYNC_FILE_RANGE = of("sync_file_range");
        static final MethodHandle FTRUNCATE = of("ftruncate");
        static final MethodHandle FALLOCATE = of("fallocate");
        static final MethodHandle POSIX_FADVISE = of("posix_fadvise");
        static final MethodHandle LSEEK = of("lseek");
        static final MethodHandle GETUID = of("getuid");
        static final MethodHandle GETPID = of("getpid");
        static final MethodHandle KILL = of("kill");
        static final MethodHandle DUP2 = of("dup2");

        private static MethodHandle of(String name) {
            return link(name, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
        }
    }

    /** A descriptor, a buffer, numbers. */
    private static final class Buffers {
        static final MethodHandle PREAD = of("pread");
        static final MethodHandle PWRITE = of("pwrite");
        static final MethodHandle GETDENTS64 = of("getdents64");

        private static MethodHandle of(String name) {
            return link(name, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG);
        }
    }

    /** A descriptor, an array of buffers, numbers: linked when the first file is read so. */
    private static final class Vectors {
        static final MethodHandle PREADV2 =
                link("preadv2", JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);

        /** Without errno, whose place costs a view per call where compilers do not see through. */
        static final MethodHandle TRY_PREADV2 =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("preadv2"),
                        FunctionDescriptor.of(
                                JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    }

    /** A path, numbers. */
    private static final class Paths {
        static final MethodHandle MKDIR = of("mkdir");
        static final MethodHandle MKNOD = of("mknod");
        static final MethodHandle UNLINK = of("unlink");
        static final MethodHandle RMDIR = of("rmdir");
        static final MethodHandle LCHOWN = of("lchown");
        static final MethodHandle CHMOD = of("chmod");
        static final MethodHandle CHDIR = of("chdir");

        private static MethodHandle of(String name) {
            return link(name, ADDRESS, JAVA_LONG, JAVA_LONG);
        }
    }

    /** Two pointers, a number. */
    private static final class Pairs {
        static final MethodHandle STATFS = of("statfs");
        static final MethodHandle SYMLINK = of("symlink");
        static final MethodHandle LINK = of("link");
        static final MethodHandle RENAME = of("rename");
        static final MethodHandle READLINK = of("readlink");
        static final MethodHandle LLISTXATTR = of("llistxattr");
        static final MethodHandle LREMOVEXATTR = of("lremovexattr");

        private static MethodHandle of(String name) {
            return link(name, ADDRESS, ADDRESS, JAVA_LONG);
        }
    }

    private static final class Xattrs {
        static final MethodHandle LGETXATTR = of("lgetxattr");
        static final MethodHandle LSETXATTR = of("lsetxattr");

        private static MethodHandle of(String name) {
            return link(name, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG);
        }
    }

    private static final class Status {
        static final MethodHandle STATX =
                link("statx", JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);
    }

    private static final class Times {
        static final MethodHandle UTIMENSAT =
                link("utimensat", JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);
    }

    private static final class Copying {
        static final MethodHandle COPY_FILE_RANGE =
                link(
                        "copy_file_range",
                        JAVA_LONG,
                        ADDRESS,
                        JAVA_LONG,
                        ADDRESS,
                        JAVA_LONG,
                        JAVA_LONG);
    }

    static int open(MemorySegment capture, MemorySegment path, int flags, int mode)
            throws Throwable {
        return (int) Opening.OPEN.invokeExact(capture, path, flags, mode);
    }

    static int close(MemorySegment capture, int fd) throws Throwable {
        return (int) (long) Numbers.CLOSE.invokeExact(capture, (long) fd, 0L, 0L, 0L);
    }

    static long pread(MemorySegment capture, int fd, MemorySegment buffer, long count, long offset)
            throws Throwable {
        return (long) Buffers.PREAD.invokeExact(capture, (long) fd, buffer, count, offset);
    }

    static long preadv2(
            MemorySegment capture, int fd, MemorySegment vector, long count, long offset, int flags)
            throws Throwable {
        return (long)
                Vectors.PREADV2.invokeExact(
                        capture, (long) fd, vector, count, offset, (long) flags);
    }

    /** The same, and nobody can ask why it failed. */
    static long tryPreadv2(int fd, MemorySegment vector, long count, long offset, int flags)
            throws Throwable {
        return (long)
                Vectors.TRY_PREADV2.invokeExact((long) fd, vector, count, offset, (long) flags);
    }

    static long pwrite(MemorySegment capture, int fd, MemorySegment buffer, long count, long offset)
            throws Throwable {
        return (long) Buffers.PWRITE.invokeExact(capture, (long) fd, buffer, count, offset);
    }

    static long getdents64(MemorySegment capture, int fd, MemorySegment buffer) throws Throwable {
        return (long)
                Buffers.GETDENTS64.invokeExact(capture, (long) fd, buffer, buffer.byteSize(), 0L);
    }

    static int fsync(MemorySegment capture, int fd) throws Throwable {
        return (int) (long) Numbers.FSYNC.invokeExact(capture, (long) fd, 0L, 0L, 0L);
    }

    static int fdatasync(MemorySegment capture, int fd) throws Throwable {
        return (int) (long) Numbers.FDATASYNC.invokeExact(capture, (long) fd, 0L, 0L, 0L);
    }

    static int syncFileRange(MemorySegment capture, int fd, long offset, long count, int flags)
            throws Throwable {
        return (int)
                (long)
                        Numbers.SYNC_FILE_RANGE.invokeExact(
                                capture, (long) fd, offset, count, (long) flags);
    }

    static int ftruncate(MemorySegment capture, int fd, long size) throws Throwable {
        return (int) (long) Numbers.FTRUNCATE.invokeExact(capture, (long) fd, size, 0L, 0L);
    }

    static int fallocate(MemorySegment capture, int fd, int mode, long offset, long count)
            throws Throwable {
        return (int)
                (long)
                        Numbers.FALLOCATE.invokeExact(
                                capture, (long) fd, (long) mode, offset, count);
    }

    /** Returns its error number instead of setting errno. */
    static int posixFadvise(MemorySegment capture, int fd, long offset, long count, int advice)
            throws Throwable {
        return (int)
                (long)
                        Numbers.POSIX_FADVISE.invokeExact(
                                capture, (long) fd, offset, count, (long) advice);
    }

    static long lseek(MemorySegment capture, int fd, long offset, int whence) throws Throwable {
        return (long) Numbers.LSEEK.invokeExact(capture, (long) fd, offset, (long) whence, 0L);
    }

    static long copyFileRange(
            MemorySegment capture,
            int from,
            MemorySegment fromOffset,
            int to,
            MemorySegment toOffset,
            long count)
            throws Throwable {
        return (long)
                Copying.COPY_FILE_RANGE.invokeExact(
                        capture, (long) from, fromOffset, (long) to, toOffset, count, 0L);
    }

    static int statx(
            MemorySegment capture,
            int fd,
            MemorySegment path,
            int flags,
            int mask,
            MemorySegment struct)
            throws Throwable {
        return (int)
                (long)
                        Status.STATX.invokeExact(
                                capture, (long) fd, path, (long) flags, (long) mask, struct);
    }

    static int statfs(MemorySegment capture, MemorySegment path, MemorySegment struct)
            throws Throwable {
        return (int) (long) Pairs.STATFS.invokeExact(capture, path, struct, 0L);
    }

    static int mkdir(MemorySegment capture, MemorySegment path, int mode) throws Throwable {
        return (int) (long) Paths.MKDIR.invokeExact(capture, path, (long) mode, 0L);
    }

    static int mknod(MemorySegment capture, MemorySegment path, int mode, long device)
            throws Throwable {
        return (int) (long) Paths.MKNOD.invokeExact(capture, path, (long) mode, device);
    }

    static int symlink(MemorySegment capture, MemorySegment target, MemorySegment path)
            throws Throwable {
        return (int) (long) Pairs.SYMLINK.invokeExact(capture, target, path, 0L);
    }

    static int link(MemorySegment capture, MemorySegment existing, MemorySegment path)
            throws Throwable {
        return (int) (long) Pairs.LINK.invokeExact(capture, existing, path, 0L);
    }

    static int rename(MemorySegment capture, MemorySegment from, MemorySegment to)
            throws Throwable {
        return (int) (long) Pairs.RENAME.invokeExact(capture, from, to, 0L);
    }

    static int unlink(MemorySegment capture, MemorySegment path) throws Throwable {
        return (int) (long) Paths.UNLINK.invokeExact(capture, path, 0L, 0L);
    }

    static int rmdir(MemorySegment capture, MemorySegment path) throws Throwable {
        return (int) (long) Paths.RMDIR.invokeExact(capture, path, 0L, 0L);
    }

    static int lchown(MemorySegment capture, MemorySegment path, int uid, int gid)
            throws Throwable {
        return (int) (long) Paths.LCHOWN.invokeExact(capture, path, (long) uid, (long) gid);
    }

    static int chmod(MemorySegment capture, MemorySegment path, int permissions) throws Throwable {
        return (int) (long) Paths.CHMOD.invokeExact(capture, path, (long) permissions, 0L);
    }

    static int utimensat(
            MemorySegment capture, int fd, MemorySegment path, MemorySegment times, int flags)
            throws Throwable {
        return (int)
                (long) Times.UTIMENSAT.invokeExact(capture, (long) fd, path, times, (long) flags);
    }

    static long readlink(MemorySegment capture, MemorySegment path, MemorySegment buffer)
            throws Throwable {
        return (long) Pairs.READLINK.invokeExact(capture, path, buffer, buffer.byteSize());
    }

    static long lgetxattr(
            MemorySegment capture, MemorySegment path, MemorySegment name, MemorySegment value)
            throws Throwable {
        return (long)
                Xattrs.LGETXATTR.invokeExact(capture, path, name, value, value.byteSize(), 0L);
    }

    /** Makes or replaces. */
    static int lsetxattr(
            MemorySegment capture,
            MemorySegment path,
            MemorySegment name,
            MemorySegment value,
            long count)
            throws Throwable {
        return (int) (long) Xattrs.LSETXATTR.invokeExact(capture, path, name, value, count, 0L);
    }

    static long llistxattr(MemorySegment capture, MemorySegment path, MemorySegment buffer)
            throws Throwable {
        return (long) Pairs.LLISTXATTR.invokeExact(capture, path, buffer, buffer.byteSize());
    }

    static int lremovexattr(MemorySegment capture, MemorySegment path, MemorySegment name)
            throws Throwable {
        return (int) (long) Pairs.LREMOVEXATTR.invokeExact(capture, path, name, 0L);
    }

    static int getuid(MemorySegment capture) throws Throwable {
        return (int) (long) Numbers.GETUID.invokeExact(capture, 0L, 0L, 0L, 0L);
    }

    static int getpid(MemorySegment capture) throws Throwable {
        return (int) (long) Numbers.GETPID.invokeExact(capture, 0L, 0L, 0L, 0L);
    }

    static int kill(MemorySegment capture, int pid, int signal) throws Throwable {
        return (int) (long) Numbers.KILL.invokeExact(capture, (long) pid, (long) signal, 0L, 0L);
    }

    static int dup2(MemorySegment capture, int from, int to) throws Throwable {
        return (int) (long) Numbers.DUP2.invokeExact(capture, (long) from, (long) to, 0L, 0L);
    }

    static int chdir(MemorySegment capture, MemorySegment path) throws Throwable {
        return (int) (long) Paths.CHDIR.invokeExact(capture, path, 0L, 0L);
    }
}
