package io.arcfs.fuse.abi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The system calls a FUSE server lives on, by address and descriptor, and nothing between them and
 * the C library: nothing is allocated per call. Each returns what the call returned, or the
 * negative error number.
 *
 * <p>Addresses are the caller's to keep alive. Confined to a thread: errno is captured in memory of
 * its own.
 */
@SuppressWarnings("restricted") // links functions of the C library
public final class FuseCalls {
    private static final MethodHandle READ = NativeFunction.link("read");
    private static final MethodHandle WRITE = NativeFunction.link("write");
    private static final MethodHandle IOCTL =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("ioctl"),
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                            NativeFunction.CAPTURE,
                            Linker.Option.firstVariadicArg(2));

    private final MemorySegment capture =
            Arena.ofAuto().allocate(Linker.Option.captureStateLayout());

    /** read(2). */
    public long read(int descriptor, long address, long lengthBytes) {
        try {
            long result =
                    (long) READ.invokeExact(capture, (long) descriptor, address, lengthBytes, 0L);
            return result < 0 ? -errno() : result;
        } catch (Throwable e) {
            throw new LinkageError("read cannot be called", e);
        }
    }

    /** write(2). */
    public long write(int descriptor, long address, long lengthBytes) {
        try {
            long result =
                    (long) WRITE.invokeExact(capture, (long) descriptor, address, lengthBytes, 0L);
            return result < 0 ? -errno() : result;
        } catch (Throwable e) {
            throw new LinkageError("write cannot be called", e);
        }
    }

    /** ioctl(2) with a pointer to its argument. */
    public int ioctl(int descriptor, long request, MemorySegment argument) {
        try {
            int result = (int) IOCTL.invokeExact(capture, descriptor, request, argument);
            return result < 0 ? -errno() : result;
        } catch (Throwable e) {
            throw new LinkageError("ioctl cannot be called", e);
        }
    }

    private int errno() {
        return capture.get(JAVA_INT, NativeFunction.ERRNO_OFFSET);
    }
}
