package io.arcfs.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.uring.abi.CqeLayout;
import io.arcfs.uring.abi.EnterFlag;
import io.arcfs.uring.abi.Kernel;
import io.arcfs.uring.abi.ParamsLayout;
import io.arcfs.uring.abi.RegisterOp;
import io.arcfs.uring.abi.RingCalls;
import io.arcfs.uring.abi.RingMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/**
 * One io_uring: requests are filled into {@link #nextSqe}, submitted in batches, and their
 * completions are handed to a handler.
 *
 * <p>Nothing is allocated per request. Addresses in a request must stay valid until its completion
 * has been reaped; {@link #close} waits for those still in flight.
 *
 * <p>Confined to one thread at a time; with {@link SetupFlag#SINGLE_ISSUER} to the one that opened
 * it. Other threads wake it through {@link Waker} or {@link Sqe#messageRing}.
 */
public final class IoUring implements AutoCloseable {
    /** In the user data of completions that another ring posted; not for requests of this one. */
    public static final long FOREIGN = Long.MIN_VALUE;

    /** User data of the ring's own requests; no request may carry it. */
    static final long INTERNAL = Long.MAX_VALUE;

    private static final long CLOSE_LIMIT_NANOS = 30_000_000_000L;
    private static final long CLOSE_ROUND_NANOS = 10_000_000L;
    private static final int STARVED_LIMIT = 1000;
    private static final long STARVED_NANOS = 100_000;

    private final RingCalls calls;
    private final RingMemory memory;
    private final Arena life;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final boolean polled;
    private final boolean entersForCompletions;
    private final Registrations registrations;
    private final MemorySegment waitArgument;
    private final MemorySegment waitTime;
    private long inFlight;
    private int waitingToEnter;
    private int starved;
    private boolean cancelling;
    private boolean closed;

    private IoUring(RingCalls calls, RingSetup setup, RingMemory memory, Arena life) {
        this.calls = calls;
        this.memory = memory;
        this.life = life;
        polled = setup.has(SetupFlag.SQPOLL);
        entersForCompletions = setup.has(SetupFlag.DEFER_TASKRUN) || setup.has(SetupFlag.IOPOLL);
        submissions = new SubmissionQueue(memory, setup.has(SetupFlag.SQE128), polled);
        completions = new CompletionQueue(memory);
        registrations = new Registrations(calls, memory, this::inFlight);
        waitArgument = life.allocate(RegisterOp.GETEVENTS_ARG);
        waitTime = life.allocate(2 * Long.BYTES, Long.BYTES);
        waitArgument.set(JAVA_LONG, 16, waitTime.address());
    }

    /** A ring through liburing where it is there, through system calls otherwise. */
    public static IoUring open(RingSetup setup) throws PosixException {
        return open(setup, RingCalls.best());
    }

    public static IoUring open(RingSetup setup, RingCalls calls) throws PosixException {
        int bits = setup.flags().stream().mapToInt(SetupFlag::mask).reduce(0, (a, b) -> a | b);
        // Shared, because a control thread may close what a queue thread used; liveness is checked.
        Arena life = Arena.ofShared();
        try (Arena call = Arena.ofConfined()) {
            MemorySegment params = call.allocate(ParamsLayout.LAYOUT);
            if (setup.completions() != 0) {
                bits |= 1 << 3; // IORING_SETUP_CQSIZE
                params.set(JAVA_INT, ParamsLayout.CQ_ENTRIES, setup.completions());
            }
            params.set(JAVA_INT, ParamsLayout.FLAGS, bits);
            params.set(JAVA_INT, ParamsLayout.SQ_THREAD_IDLE, setup.pollerIdleMillis());
            return new IoUring(calls, setup, calls.setup(setup.entries(), params, life), life);
        } catch (PosixException | RuntimeException | Error e) {
            life.close();
            throw e;
        }
    }

    /** With as many of the optional flags, in their order, as this kernel takes. */
    public static IoUring openPreferring(RingSetup setup, SetupFlag... optional)
            throws PosixException {
        for (int wanted = optional.length; ; wanted--) {
            try {
                return open(setup.with(java.util.Arrays.copyOf(optional, wanted)));
            } catch (PosixException e) {
                if (wanted == 0 || e.errno() != Errno.EINVAL) {
                    throw e;
                }
            }
        }
    }

    /** The number other rings post messages to. */
    public int descriptor() {
        return memory.descriptor();
    }

    /** IORING_FEAT bits of the kernel. */
    public int features() {
        return memory.features();
    }

    public int submissionEntries() {
        return memory.sqEntries();
    }

    public int completionEntries() {
        return memory.cqEntries();
    }

    /** Requests submitted whose last completion has not been reaped. */
    public long inFlight() {
        return inFlight;
    }

    /** Files, buffers and operations known to the kernel. */
    public Registrations registrations() {
        return registrations;
    }

    /** Lets a ring made with R_DISABLED take requests. */
    public void enable() throws PosixException {
        int result = calls.register(memory, RegisterOp.ENABLE_RINGS, 0, 0);
        if (result < 0) {
            throw Kernel.failure("io_uring_register", result, "enable");
        }
    }

    /** A zeroed slot; submits first when there is none left. */
    public Sqe nextSqe() throws PosixException {
        requireOpen();
        while (submissions.isFull()) {
            submit();
            if (submissions.isFull()) {
                if (polled) {
                    enter(0, 0, EnterFlag.SQ_WAIT, 0, 0);
                } else {
                    pauseStarved();
                }
            }
        }
        waitingToEnter++;
        return submissions.next();
    }

    /** Submits what is filled; returns at once. */
    public void submit() throws PosixException {
        submitAndWait(0);
    }

    /**
     * Submits what is filled and waits until {@code wanted} completions can be reaped. May return
     * earlier: reap, and call again.
     */
    public void submitAndWait(int wanted) throws PosixException {
        enterWith(wanted, 0, 0);
    }

    /** As {@link #submitAndWait(int)}, but not longer than this. */
    public void submitAndWait(int wanted, long limitNanos) throws PosixException {
        waitTime.set(JAVA_LONG, 0, limitNanos / 1_000_000_000L);
        waitTime.set(JAVA_LONG, 8, limitNanos % 1_000_000_000L);
        enterWith(wanted, waitArgument.address(), waitArgument.byteSize());
    }

    private void enterWith(int wanted, long argument, long argumentBytes) throws PosixException {
        requireOpen();
        submissions.publish();
        int fresh = waitingToEnter;
        int wait = wanted > 0 && completions.ready() >= wanted ? 0 : wanted;
        int flags = wait > 0 ? EnterFlag.GETEVENTS : 0;
        if (polled) {
            inFlight += fresh;
            waitingToEnter = 0;
            if ((submissions.kernelFlags() & EnterFlag.SQ_NEED_WAKEUP) != 0) {
                flags |= EnterFlag.SQ_WAKEUP;
            } else if (wait == 0) {
                return;
            }
            enter(fresh, wait, flags, argument, argumentBytes);
            return;
        }
        if (fresh == 0 && wait == 0) {
            return;
        }
        int taken = enter(fresh, wait, flags, argument, argumentBytes);
        inFlight += taken;
        waitingToEnter -= taken;
        if (taken > 0) {
            starved = 0;
        }
    }

    /** One enter; returns the requests taken, 0 when the caller has to reap and try again. */
    private int enter(int fresh, int wait, int flags, long argument, long argumentBytes)
            throws PosixException {
        int enterFlags = argument != 0 && wait > 0 ? flags | EnterFlag.EXT_ARG : flags;
        boolean extended = (enterFlags & EnterFlag.EXT_ARG) != 0;
        int result =
                calls.enter(
                        memory,
                        fresh,
                        wait,
                        enterFlags,
                        extended ? argument : 0,
                        extended ? argumentBytes : 0);
        if (result >= 0) {
            return result;
        }
        return switch (Errno.of(-result)) {
            case EINTR, ETIME -> 0; // a signal, or the limit; what was taken is a number, no error
            case EAGAIN, EBUSY -> {
                // No memory for a request, or completions overflowed: reaping helps, then time.
                if (completions.isEmpty()) {
                    flushOverflow();
                    pauseStarved();
                }
                yield 0;
            }
            default -> throw Kernel.failure("io_uring_enter", result, fresh + " requests");
        };
    }

    private void pauseStarved() throws PosixException {
        starved++;
        if (starved > STARVED_LIMIT) {
            throw new PosixException("io_uring_enter", Errno.EAGAIN, "no progress in 0.1 s");
        }
        LockSupport.parkNanos(STARVED_NANOS);
    }

    /** Hands all completions there are to the handler, without waiting; returns how many. */
    public int reap(CompletionHandler handler) throws PosixException {
        requireOpen();
        int count = completions.drain(this, handler);
        int flags = submissions.kernelFlags();
        boolean hidden = (flags & (EnterFlag.SQ_CQ_OVERFLOW | EnterFlag.SQ_TASKRUN)) != 0;
        if (hidden || (count == 0 && entersForCompletions && inFlight > 0)) {
            flushOverflow();
            count += completions.drain(this, handler);
        }
        if (completions.dropped() != 0) {
            throw new PosixException(
                    "io_uring", Errno.EOVERFLOW, completions.dropped() + " completions lost");
        }
        return count;
    }

    /** Lets the kernel move overflowed and deferred completions into the queue (R3). */
    private void flushOverflow() throws PosixException {
        int result = calls.enter(memory, 0, 0, EnterFlag.GETEVENTS, 0, 0);
        if (result < 0) {
            switch (Errno.of(-result)) {
                case EINTR, EAGAIN, EBUSY -> {
                    return; // the next reap tries again
                }
                default -> throw Kernel.failure("io_uring_enter", result, "completions");
            }
        }
    }

    void dispatch(CompletionHandler handler, long userData, int result, int flags) {
        if ((flags & CqeLayout.F_MORE) == 0 && (userData & FOREIGN) == 0) {
            inFlight--;
        }
        if (userData == INTERNAL) {
            cancelling = false;
        } else {
            handler.completed(userData, result, flags);
        }
    }

    /**
     * Cancels what is in flight, waits for it (R2), and gives the ring back. What cannot be
     * cancelled, such as a write a disk is busy with, is waited for. Completions are dropped.
     *
     * @throws PosixException with ETIMEDOUT when requests stay in flight for 30 s: the ring is
     *     closed all the same, but the memory they name may still be written
     */
    @Override
    public void close() throws PosixException {
        if (closed) {
            return;
        }
        long left = 0;
        try {
            left = drainForClose();
        } finally {
            closed = true;
            life.close();
            calls.exit(memory);
        }
        if (left > 0) {
            throw new PosixException("io_uring close", Errno.ETIMEDOUT, left + " in flight");
        }
    }

    private long drainForClose() throws PosixException {
        reap(IoUring::forget);
        submit();
        long deadline = System.nanoTime() + CLOSE_LIMIT_NANOS;
        while (inFlight > 0 && System.nanoTime() < deadline) {
            if (!cancelling) {
                // Again each time round: what was between two queues could not be found before.
                nextSqe().cancel(0, Sqe.CANCEL_ANY | Sqe.CANCEL_ALL).userData(INTERNAL);
                cancelling = true;
            }
            submitAndWait(1, CLOSE_ROUND_NANOS);
            if (reap(IoUring::forget) == 0 && inFlight > 0) {
                LockSupport.parkNanos(STARVED_NANOS);
            }
        }
        return inFlight;
    }

    private static void forget(long userData, int result, int flags) {
        // Nobody waits for it any more.
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("ring is closed");
        }
    }
}
