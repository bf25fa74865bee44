package io.arcfs.uring.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * System calls by number that the ring and the block devices need. Results below 0 are negative
 * error numbers. A call allocates nothing and may block: the thread counts as being in native code,
 * so it holds up no collection. Thread-safe.
 */
@SuppressWarnings("restricted") // links syscall(2) and gives mapped memory a size
public final class Kernel {
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MCL_CURRENT = 1;
    public static final int MCL_FUTURE = 2;
    public static final int MCL_ONFAULT = 4;
    public static final int PR_SET_IO_FLUSHER = 57;
    public static final int PR_GET_IO_FLUSHER = 58;

    private static final boolean ARM64 = "aarch64".equals(System.getProperty("os.arch"));
    static final long IO_URING_SETUP = 425;
    static final long IO_URING_ENTER = 426;
    static final long IO_URING_REGISTER = 427;
    private static final long MMAP = ARM64 ? 222 : 9;
    private static final long MUNMAP = ARM64 ? 215 : 11;
    private static final long CLOSE = ARM64 ? 57 : 3;
    private static final long READ = ARM64 ? 63 : 0;
    private static final long WRITE = ARM64 ? 64 : 1;
    private static final long IOCTL = ARM64 ? 29 : 16;
    private static final long EVENTFD2 = ARM64 ? 19 : 290;
    private static final long PRCTL = ARM64 ? 167 : 157;
    private static final long MLOCKALL = ARM64 ? 230 : 151;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_POPULATE = 0x8000;
    private static final int EFD_CLOEXEC = 0x80000;

    private static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout()
                    .byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    /** All arguments as longs: right for syscall(2) on both CPUs, whatever the call's types. */
    private static final MethodHandle SYSCALL =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                            FunctionDescriptor.of(
                                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                                    JAVA_LONG, JAVA_LONG, JAVA_LONG),
                            Linker.Option.captureCallState("errno"));

    private static final ThreadLocal<MemorySegment> CAPTURE =
            ThreadLocal.withInitial(
                    () -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

    private Kernel() {}

    static long call(long number, long a, long b, long c, long d, long e, long f) {
        MemorySegment capture = CAPTURE.get();
        long result;
        try {
            result = (long) SYSCALL.invokeExact(capture, number, a, b, c, d, e, f);
        } catch (Throwable t) {
            throw new LinkageError("syscall(2) cannot be called", t);
        }
        return result == -1 ? -capture.get(JAVA_INT, ERRNO_OFFSET) : result;
    }

    /** The exception for a negative result. */
    public static PosixException failure(String operation, long result, String subject) {
        return new PosixException(operation, Errno.of((int) -result), subject);
    }

    /** Maps a descriptor, shared, its pages present; freed by {@link #unmap} only. */
    public static MemorySegment map(int descriptor, long offset, long bytes, int protection)
            throws PosixException {
        return map(descriptor, offset, bytes, protection, Arena.global());
    }

    static MemorySegment map(int descriptor, long offset, long bytes, int protection, Arena life)
            throws PosixException {
        long address =
                call(MMAP, 0, bytes, protection, MAP_SHARED | MAP_POPULATE, descriptor, offset);
        if (address < 0 && address > -4096) {
            throw failure("mmap", address, "descriptor " + descriptor);
        }
        return at(address, bytes, life);
    }

    /**
     * Zeroed memory on whole pages, all of them present. Not of the JVM's direct memory, whose
     * limit is the size of the heap; freed when nobody has it any more.
     */
    public static MemorySegment allocate(long bytes) throws PosixException {
        long address =
                call(
                        MMAP,
                        0,
                        bytes,
                        PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
                        -1,
                        0);
        if (address < 0 && address > -4096) {
            throw failure("mmap", address, bytes + " bytes of buffers");
        }
        return MemorySegment.ofAddress(address).reinterpret(bytes, Arena.ofAuto(), Kernel::unmap);
    }

    /** Native memory that somebody else owns, usable as long as {@code life} is. */
    static MemorySegment at(long address, long bytes, Arena life) {
        return MemorySegment.ofAddress(address).reinterpret(bytes, life, null);
    }

    public static void unmap(MemorySegment mapped) {
        call(MUNMAP, mapped.address(), mapped.byteSize(), 0, 0, 0, 0);
    }

    public static void close(int descriptor) {
        // Not retried on EINTR: Linux has closed it all the same.
        call(CLOSE, descriptor, 0, 0, 0, 0, 0);
    }

    /** A counter that other threads raise and a ring or a poll waits for. */
    public static int eventfd() throws PosixException {
        int descriptor = (int) call(EVENTFD2, 0, EFD_CLOEXEC, 0, 0, 0, 0);
        if (descriptor < 0) {
            throw failure("eventfd", descriptor, "a wake-up");
        }
        return descriptor;
    }

    public static long write(int descriptor, MemorySegment bytes) {
        return call(WRITE, descriptor, bytes.address(), bytes.byteSize(), 0, 0, 0);
    }

    public static long read(int descriptor, MemorySegment bytes) {
        return call(READ, descriptor, bytes.address(), bytes.byteSize(), 0, 0, 0);
    }

    public static long ioctl(int descriptor, long request, MemorySegment argument) {
        return call(IOCTL, descriptor, request, argument.address(), 0, 0, 0);
    }

    public static long prctl(int option, long argument) {
        return call(PRCTL, option, argument, 0, 0, 0, 0);
    }

    public static long mlockall(int flags) {
        return call(MLOCKALL, flags, 0, 0, 0, 0, 0);
    }
}
