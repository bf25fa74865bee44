package io.arcfs.uring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.uring.abi.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Wakes a ring's thread from other threads: a read of an eventfd waits in the ring, and completes
 * when somebody calls {@link #wake}. Many wakes before the thread looks are one completion. {@link
 * #wake} is thread-safe, the rest is the ring's thread's.
 */
public final class Waker implements AutoCloseable {
    private static final MemorySegment ONE = Arena.global().allocateFrom(JAVA_LONG, 1);

    private final int descriptor;
    private final MemorySegment counter = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
    private final AtomicBoolean raised = new AtomicBoolean();

    public Waker() throws PosixException {
        descriptor = Kernel.eventfd();
    }

    /** Puts the waiting read into the ring; again after each of its completions. */
    public void arm(IoUring ring, long userData) throws PosixException {
        ring.nextSqe().read(descriptor, counter.address(), Long.BYTES, 0).userData(userData);
    }

    /** Called by the ring's thread before it looks for what it was woken for. */
    public void acknowledge() {
        raised.set(false);
    }

    /** Makes the armed read complete, now or as soon as it is armed. */
    public void wake() {
        if (raised.compareAndSet(false, true)) {
            long result = Kernel.write(descriptor, ONE);
            if (result < 0 && result != -Errno.EAGAIN.code()) {
                raised.set(false);
                throw new IllegalStateException("eventfd write: " + Errno.of((int) -result));
            }
        }
    }

    /** When the ring no longer has the read in flight. */
    @Override
    public void close() {
        Kernel.close(descriptor);
    }
}
