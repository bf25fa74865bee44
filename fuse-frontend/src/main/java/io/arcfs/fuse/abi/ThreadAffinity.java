package io.arcfs.fuse.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where one thread may run (sched_setaffinity(2)). A refusal, such as of a CPU that is outside the
 * process's cpuset, leaves it where it is. Confined to the thread that made it.
 */
public final class ThreadAffinity {
    private static final Logger LOG = LoggerFactory.getLogger(ThreadAffinity.class);

    private static final MethodHandle GET = NativeFunction.link("sched_getaffinity");
    private static final MethodHandle SET = NativeFunction.link("sched_setaffinity");

    /** More CPUs than any kernel is built for. */
    private static final int MASK_BYTES = 8192 / Byte.SIZE;

    private static final long THIS_THREAD = 0;

    private final MemorySegment capture;
    private final MemorySegment everywhere;
    private final MemorySegment one;
    private final boolean known;
    private final int cpu;
    private boolean pinned;

    /** Of the calling thread, whose own CPU will be this one. */
    public ThreadAffinity(Arena arena, int cpu) {
        this.cpu = cpu;
        capture = arena.allocate(Linker.Option.captureStateLayout());
        everywhere = arena.allocate(MASK_BYTES, Long.BYTES);
        one = arena.allocate(MASK_BYTES, Long.BYTES);
        int at = cpu / Byte.SIZE;
        one.set(JAVA_BYTE, at, (byte) (1 << (cpu % Byte.SIZE)));
        known = call(GET, everywhere) >= 0;
    }

    /** Runs on its own CPU from now on. */
    public void stay() {
        if (known && !pinned) {
            pinned = true;
            apply(one);
        }
    }

    /** Runs wherever the process may. */
    public void roam() {
        if (known && pinned) {
            pinned = false;
            apply(everywhere);
        }
    }

    private void apply(MemorySegment mask) {
        if (call(SET, mask) < 0) {
            LOG.debug("not moved cpu={} pinned={}", cpu, pinned);
        }
    }

    private int call(MethodHandle function, MemorySegment mask) {
        try {
            return (int)
                    (long)
                            function.invokeExact(
                                    capture, THIS_THREAD, (long) MASK_BYTES, mask.address(), 0L);
        } catch (Throwable e) {
            throw new LinkageError("sched_setaffinity cannot be called", e);
        }
    }
}
