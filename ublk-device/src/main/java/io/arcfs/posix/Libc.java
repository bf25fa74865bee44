package io.arcfs.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/**
 * The handles of the C library's functions, each taking the segment that captures errno first.
 *
 * <p>Every function here exists under this name in glibc 2.33 and later. {@code size_t}, {@code
 * ssize_t}, {@code off_t} and {@code dev_t} are 64 bits on both CPUs. Immutable.
 */
@SuppressWarnings("restricted") // the one place that links native symbols
final class Libc {
    static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    private static final Linker LINKER = Linker.nativeLinker();

    static final MethodHandle OPEN =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("open"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                    CAPTURE,
                    Linker.Option.firstVariadicArg(2));
    static final MethodHandle CLOSE = intOf("close", JAVA_INT);
    static final MethodHandle PREAD = longOf("pread", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    static final MethodHandle PWRITE = longOf("pwrite", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    static final MethodHandle FSYNC = intOf("fsync", JAVA_INT);
    static final MethodHandle FDATASYNC = intOf("fdatasync", JAVA_INT);
    static final MethodHandle SYNC_FILE_RANGE =
            intOf("sync_file_range", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    static final MethodHandle FTRUNCATE = intOf("ftruncate", JAVA_INT, JAVA_LONG);
    static final MethodHandle FALLOCATE =
            intOf("fallocate", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    static final MethodHandle POSIX_FADVISE =
            intOf("posix_fadvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    static final MethodHandle LSEEK = longOf("lseek", JAVA_INT, JAVA_LONG, JAVA_INT);
    static final MethodHandle COPY_FILE_RANGE =
            longOf("copy_file_range", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    static final MethodHandle STATX =
            intOf("statx", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    static final MethodHandle STATFS = intOf("statfs", ADDRESS, ADDRESS);
    static final MethodHandle MKDIR = intOf("mkdir", ADDRESS, JAVA_INT);
    static final MethodHandle MKNOD = intOf("mknod", ADDRESS, JAVA_INT, JAVA_LONG);
    static final MethodHandle SYMLINK = intOf("symlink", ADDRESS, ADDRESS);
    static final MethodHandle LINK = intOf("link", ADDRESS, ADDRESS);
    static final MethodHandle UNLINK = intOf("unlink", ADDRESS);
    static final MethodHandle RMDIR = intOf("rmdir", ADDRESS);
    static final MethodHandle RENAME = intOf("rename", ADDRESS, ADDRESS);
    static final MethodHandle LCHOWN = intOf("lchown", ADDRESS, JAVA_INT, JAVA_INT);
    static final MethodHandle CHMOD = intOf("chmod", ADDRESS, JAVA_INT);
    static final MethodHandle UTIMENSAT = intOf("utimensat", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    static final MethodHandle READLINK = longOf("readlink", ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle GETDENTS64 = longOf("getdents64", JAVA_INT, ADDRESS, JAVA_LONG);
    static final MethodHandle LGETXATTR = longOf("lgetxattr", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle LSETXATTR =
            intOf("lsetxattr", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
    static final MethodHandle LLISTXATTR = longOf("llistxattr", ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle LREMOVEXATTR = intOf("lremovexattr", ADDRESS, ADDRESS);
    static final MethodHandle GETUID = intOf("getuid");
    static final MethodHandle GETPID = intOf("getpid");
    static final MethodHandle KILL = intOf("kill", JAVA_INT, JAVA_INT);

    private Libc() {}

    private static MethodHandle intOf(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, arguments),
                CAPTURE);
    }

    private static MethodHandle longOf(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_LONG, arguments),
                CAPTURE);
    }
}
