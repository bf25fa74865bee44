package io.arcfs.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * A thread's few hundred native bytes for system calls: where errno is captured, and room for one
 * small struct. Reused so that a read or write allocates nothing; freed by the collector some time
 * after its thread ended. Confined to its thread.
 */
final class CallScratch {
    private static final ThreadLocal<CallScratch> OF_THREAD =
            ThreadLocal.withInitial(CallScratch::new);
    private static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout()
                    .byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    /** First argument of every call. */
    final MemorySegment capture;

    /** Room for one {@code struct statx}. */
    final MemorySegment struct;

    /** Room for one {@code struct iovec}. */
    final MemorySegment vector;

    private CallScratch() {
        Arena arena = Arena.ofAuto();
        capture = arena.allocate(Linker.Option.captureStateLayout());
        struct = arena.allocate(StatxLayout.SIZE_BYTES, Long.BYTES);
        vector = arena.allocate(2 * Long.BYTES, Long.BYTES);
    }

    static CallScratch ofThread() {
        return OF_THREAD.get();
    }

    /** Error number of this thread's last failed call. */
    Errno lastErrno() {
        return Errno.of(capture.get(JAVA_INT, ERRNO_OFFSET));
    }
}
