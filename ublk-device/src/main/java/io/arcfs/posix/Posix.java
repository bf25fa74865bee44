package io.arcfs.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.failpoint.Faults;
import io.arcfs.failpoint.Faults.Operation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * File system calls on paths of bytes (without the ending NUL), so that every name the kernel has
 * can be used. None of them follows a symlink in the last component, except {@link #chmod} (Linux
 * has no other) and {@link #list}. Failures are {@link PosixException}s. Thread-safe.
 */
public final class Posix {
    private static final int XATTR_LIMIT_BYTES = 65_536;
    private static final int PATH_LIMIT_BYTES = 4096;
    private static final int SIGKILL = 9;
    private static final int DIRENTS_BYTES = 64 * 1024;
    private static final Charset PATH_CHARSET =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private Posix() {}

    /** The bytes by which the JDK's own calls name this path. */
    public static byte[] bytes(Path path) {
        return path.toString().getBytes(PATH_CHARSET);
    }

    /** The UTF-8 bytes of a name, for xattr names and the like. */
    public static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    public static FileStatus lstat(byte[] path) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = cString(arena, path);
            int result =
                    Libc.statx(
                            scratch.capture,
                            StatxLayout.AT_FDCWD,
                            name,
                            StatxLayout.AT_SYMLINK_NOFOLLOW,
                            StatxLayout.STATX_BASIC_STATS,
                            scratch.struct);
            check("statx", scratch, path, result);
            return StatxLayout.decode(scratch.struct);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Makes a directory; the process's umask applies. */
    public static void mkdir(byte[] path, int mode) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = cString(arena, path);
            check("mkdir", scratch, path, Libc.mkdir(scratch.capture, name, mode));
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /**
     * Makes a file of any type but directory and symlink; the process's umask applies.
     *
     * @param mode type and permissions
     * @param rdev in the kernel's 32-bit encoding, as {@link FileStatus#rdev()} gives it
     */
    public static void mknod(byte[] path, int mode, int rdev) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        // glibc's 64-bit dev_t has the kernel's encoding in its low half.
        long device = Integer.toUnsignedLong(rdev);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = cString(arena, path);
            check("mknod", scratch, path, Libc.mknod(scratch.capture, name, mode, device));
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    public static void symlink(byte[] target, byte[] path) throws IOException {
        onTwoPaths("symlink", Libc::symlink, target, path, path);
    }

    public static void link(byte[] existing, byte[] path) throws IOException {
        onTwoPaths("link", Libc::link, existing, path, path);
    }

    /** Replaces what is at {@code to}, as rename(2) does. */
    public static void rename(byte[] from, byte[] to) throws IOException {
        if (Faults.areOn()) {
            Faults.before(Operation.RENAME, display(to));
        }
        onTwoPaths("rename", Libc::rename, from, to, from);
    }

    public static void unlink(byte[] path) throws IOException {
        if (Faults.areOn()) {
            Faults.before(Operation.UNLINK, display(path));
        }
        onPath("unlink", Libc::unlink, path);
    }

    public static void rmdir(byte[] path) throws IOException {
        onPath("rmdir", Libc::rmdir, path);
    }

    /** Changes owner and group; -1 leaves one as it is. */
    public static void lchown(byte[] path, int uid, int gid) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = cString(arena, path);
            check("lchown", scratch, path, Libc.lchown(scratch.capture, name, uid, gid));
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    public static void chmod(byte[] path, int permissions) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = cString(arena, path);
            check("chmod", scratch, path, Libc.chmod(scratch.capture, name, permissions));
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Sets both times of a file, or of a symlink itself. */
    public static void utimens(
            byte[] path, long atimeSeconds, int atimeNanos, long mtimeSeconds, int mtimeNanos)
            throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        // struct timespec[2]: two longs each on both CPUs.
        MemorySegment times = scratch.struct;
        times.set(JAVA_LONG, 0, atimeSeconds);
        times.set(JAVA_LONG, 8, atimeNanos);
        times.set(JAVA_LONG, 16, mtimeSeconds);
        times.set(JAVA_LONG, 24, mtimeNanos);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = cString(arena, path);
            int result =
                    Libc.utimensat(
                            scratch.capture,
                            StatxLayout.AT_FDCWD,
                            name,
                            times,
                            StatxLayout.AT_SYMLINK_NOFOLLOW);
            check("utimensat", scratch, path, result);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    public static byte[] readlink(byte[] path) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = cString(arena, path);
            MemorySegment buffer = arena.allocate(PATH_LIMIT_BYTES);
            long length = Libc.readlink(scratch.capture, name, buffer);
            check("readlink", scratch, path, length);
            return buffer.asSlice(0, length).toArray(JAVA_BYTE);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Names in a directory in the kernel's order, without "." and "..". */
    public static List<byte[]> list(byte[] directory) throws IOException {
        List<byte[]> names = new ArrayList<>();
        try (PosixFile open = PosixFile.open(directory, OpenFlag.READ, OpenFlag.DIRECTORY);
                Arena arena = Arena.ofConfined()) {
            open.readNames(arena.allocate(DIRENTS_BYTES, Long.BYTES), names::add);
        }
        return names;
    }

    /** Value of an xattr; ENODATA when there is none of this name. */
    public static byte[] lgetxattr(byte[] path, byte[] name) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = cString(arena, path);
            MemorySegment key = cString(arena, name);
            MemorySegment value = arena.allocate(XATTR_LIMIT_BYTES);
            long length = Libc.lgetxattr(scratch.capture, file, key, value);
            check("lgetxattr", scratch, path, length);
            return value.asSlice(0, length).toArray(JAVA_BYTE);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Makes or replaces an xattr. */
    public static void lsetxattr(byte[] path, byte[] name, byte[] value) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = cString(arena, path);
            MemorySegment key = cString(arena, name);
            MemorySegment bytes = arena.allocate(Math.max(1, value.length));
            MemorySegment.copy(value, 0, bytes, JAVA_BYTE, 0, value.length);
            int result = Libc.lsetxattr(scratch.capture, file, key, bytes, value.length);
            check("lsetxattr", scratch, path, result);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Names of all xattrs of a file. */
    public static List<byte[]> llistxattr(byte[] path) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = cString(arena, path);
            MemorySegment buffer = arena.allocate(XATTR_LIMIT_BYTES);
            long length = Libc.llistxattr(scratch.capture, file, buffer);
            check("llistxattr", scratch, path, length);
            return splitAtNul(buffer.asSlice(0, length).toArray(JAVA_BYTE));
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    public static void lremovexattr(byte[] path, byte[] name) throws IOException {
        onTwoPaths("lremovexattr", Libc::lremovexattr, path, name, path);
    }

    /** Space and numbers of the file system that holds {@code path}. */
    public static FileSystemStatus statfs(Path path) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        byte[] pathBytes = bytes(path);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = cString(arena, pathBytes);
            MemorySegment struct = arena.allocate(StatfsLayout.SIZE_BYTES, Long.BYTES);
            int result;
            do {
                result = Libc.statfs(scratch.capture, name, struct);
            } while (result < 0 && scratch.lastErrno() == Errno.EINTR);
            check("statfs", scratch, pathBytes, result);
            return StatfsLayout.decode(struct);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /**
     * Removes a name; one that is not there is no error.
     *
     * @return whether it was there
     */
    public static boolean unlinkIfPresent(Path file) throws IOException {
        try {
            byte[] path = bytes(file);
            lstat(path);
            unlink(path);
            return true;
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return false;
        }
    }

    /** Makes the entries of a directory durable. */
    public static void syncDirectory(Path directory) throws IOException {
        try (PosixFile open = PosixFile.open(directory, OpenFlag.READ, OpenFlag.DIRECTORY)) {
            open.sync();
        }
    }

    public static int getuid() {
        try {
            return Libc.getuid(CallScratch.ofThread().capture);
        } catch (Throwable t) {
            throw new IllegalStateException("getuid cannot fail", t);
        }
    }

    /** Ends this process as kill -9 does: nothing is flushed, closed or handled. */
    public static void killThisProcess() {
        try {
            MemorySegment capture = CallScratch.ofThread().capture;
            int pid = Libc.getpid(capture);
            int result = Libc.kill(capture, pid, SIGKILL);
            throw new IllegalStateException("kill returned " + result);
        } catch (Throwable t) {
            throw new IllegalStateException("a process may kill itself", t);
        }
    }

    @FunctionalInterface
    private interface PathCall {
        int on(MemorySegment capture, MemorySegment path) throws Throwable;
    }

    @FunctionalInterface
    private interface TwoPathsCall {
        int on(MemorySegment capture, MemorySegment first, MemorySegment second) throws Throwable;
    }

    private static void onPath(String operation, PathCall call, byte[] path) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = cString(arena, path);
            check(operation, scratch, path, call.on(scratch.capture, name));
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    private static void onTwoPaths(
            String operation, TwoPathsCall call, byte[] first, byte[] second, byte[] subject)
            throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = cString(arena, first);
            MemorySegment b = cString(arena, second);
            check(operation, scratch, subject, call.on(scratch.capture, a, b));
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    private static void check(String operation, CallScratch scratch, byte[] path, long result)
            throws PosixException {
        if (result < 0) {
            throw new PosixException(operation, scratch.lastErrno(), display(path));
        }
    }

    static MemorySegment cString(Arena arena, byte[] bytes) throws PosixException {
        for (byte b : bytes) {
            if (b == 0) {
                // The kernel would see a shorter, other path.
                throw new PosixException("path", Errno.EINVAL, display(bytes) + " holds a NUL");
            }
        }
        MemorySegment string = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, string, JAVA_BYTE, 0, bytes.length);
        return string;
    }

    static String display(byte[] path) {
        return new String(path, StandardCharsets.UTF_8);
    }

    private static List<byte[]> splitAtNul(byte[] names) {
        List<byte[]> split = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < names.length; i++) {
            if (names[i] == 0) {
                split.add(Arrays.copyOfRange(names, start, i));
                start = i + 1;
            }
        }
        return split;
    }

    /** What a method handle may throw, as what callers expect: never a checked surprise. */
    static IOException rethrow(Throwable t) throws IOException {
        switch (t) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IOException("a native call failed", t);
        }
    }
}
