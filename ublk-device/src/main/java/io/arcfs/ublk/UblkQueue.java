package io.arcfs.ublk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.ublk.abi.CommandCode;
import io.arcfs.ublk.abi.CommandCode.Encoding;
import io.arcfs.ublk.abi.IoCommandLayout;
import io.arcfs.ublk.abi.IoDescriptorLayout;
import io.arcfs.uring.CompletionHandler;
import io.arcfs.uring.IoUring;
import io.arcfs.uring.RingSetup;
import io.arcfs.uring.SetupFlag;
import io.arcfs.uring.Sqe;
import io.arcfs.uring.Waker;
import io.arcfs.uring.abi.Kernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One queue of a device: a thread and its ring that fetch requests, hand them to the target and
 * commit the answers. Confined to the queue's thread, except {@link #answer}.
 */
public final class UblkQueue implements CompletionHandler, Runnable {
    private static final long KIND_SHIFT = 32;
    private static final long TAG_MASK = 0xFFFF;
    private static final long COMMAND = 0L << KIND_SHIFT;
    private static final long BACKING = 1L << KIND_SHIFT;
    private static final long WAKE = 2L << KIND_SHIFT;

    private final int id;
    private final DeviceInfo device;
    private final DataPath path;
    private final PosixFile character;
    private final UblkTarget target;
    private final QueueMonitor monitor;
    private final int fetchCode;
    private final int commitCode;
    private final int getDataCode;
    private final UblkRequest[] requests;
    private final AnswerStack answers;

    /** Set by the queue's thread when it starts. */
    private @Nullable IoUring ring;

    private @Nullable QueueTarget handler;
    private @Nullable Thread thread;
    private final Waker waker;
    private MemorySegment descriptors = MemorySegment.NULL;
    private boolean wakeArmed;
    private int alive;

    UblkQueue(
            int id,
            DeviceInfo device,
            DataPath path,
            PosixFile character,
            UblkTarget target,
            Encoding encoding,
            QueueMonitor monitor)
            throws PosixException {
        this.id = id;
        this.device = device;
        this.path = path;
        this.character = character;
        this.target = target;
        this.monitor = monitor;
        fetchCode = CommandCode.FETCH_REQ.number(encoding);
        commitCode = CommandCode.COMMIT_AND_FETCH_REQ.number(encoding);
        getDataCode = CommandCode.NEED_GET_DATA.number(encoding);
        requests = new UblkRequest[device.depth()];
        answers = new AnswerStack(device.depth());
        waker = new Waker();
        allocateRequests();
    }

    /** All memory of the queue, present from now on, so that no request waits for a page (U4). */
    private void allocateRequests() throws PosixException {
        long each = path == DataPath.ZERO_COPY ? 0 : device.maxRequestBytes();
        MemorySegment memory =
                each == 0 ? MemorySegment.NULL : Kernel.allocate(each * device.depth());
        for (int tag = 0; tag < requests.length; tag++) {
            MemorySegment buffer = each == 0 ? memory : memory.asSlice(tag * each, each);
            requests[tag] = new UblkRequest(this, tag, buffer);
        }
    }

    public int id() {
        return id;
    }

    public DataPath path() {
        return path;
    }

    public int depth() {
        return requests.length;
    }

    /** The character device, where USER_COPY reads and writes. */
    public PosixFile characterDevice() {
        return character;
    }

    /** Largest read or write. */
    public int maxRequestBytes() {
        return device.maxRequestBytes();
    }

    /**
     * A slot of the queue's ring for I/O that serves this request; its completion goes to {@link
     * QueueTarget#completed}. Already carries its user data.
     */
    public Sqe backing(UblkRequest request) throws PosixException {
        return ring().nextSqe().userData(BACKING | request.tag());
    }

    private IoUring ring() {
        IoUring open = ring;
        if (open == null) {
            throw new IllegalStateException("the queue does not run");
        }
        return open;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        Throwable cause = null;
        try (Waker _ = waker;
                IoUring open = openRing()) {
            ring = open;
            serve(open);
        } catch (Throwable t) {
            cause = t;
        } finally {
            if (descriptors.address() != 0) {
                // While it is mapped, DEL_DEV waits.
                Kernel.unmap(descriptors);
            }
            monitor.ended(this, cause);
        }
    }

    private IoUring openRing() throws PosixException {
        // A command and one backing request per tag, the wake-up, and what close needs.
        RingSetup setup =
                RingSetup.entries(2 * depth() + 4)
                        .completions(Math.max(4 * depth(), 16))
                        .with(SetupFlag.CLAMP);
        return IoUring.openPreferring(
                setup, SetupFlag.COOP_TASKRUN, SetupFlag.SINGLE_ISSUER, SetupFlag.DEFER_TASKRUN);
    }

    private void serve(IoUring open) throws IOException {
        descriptors =
                Kernel.map(
                        character.descriptor(),
                        IoDescriptorLayout.mapOffset(id),
                        IoDescriptorLayout.mapBytes(depth()),
                        Kernel.PROT_READ);
        if (path == DataPath.ZERO_COPY) {
            open.registrations().sparseBuffers(depth());
        }
        try (QueueTarget opened = target.openQueue(this)) {
            handler = opened;
            for (int tag = 0; tag < depth(); tag++) {
                command(fetchCode, tag, 0);
                alive++;
            }
            open.submit();
            monitor.fetched(this);
            while (alive > 0) {
                armWake(open);
                open.submitAndWait(1);
                open.reap(this);
                answers.drain(this::commit);
            }
        }
    }

    private void armWake(IoUring open) throws PosixException {
        if (!wakeArmed) {
            waker.arm(open, WAKE);
            wakeArmed = true;
        }
    }

    @Override
    public void completed(long userData, int result, int flags) {
        int tag = (int) (userData & TAG_MASK);
        long kind = userData & ~TAG_MASK;
        if (kind == COMMAND) {
            commandCompleted(tag, result);
        } else if (kind == BACKING) {
            guarded(requests[tag], () -> handler().completed(requests[tag], result));
        } else if (kind == WAKE) {
            wakeArmed = false;
            // Before the answers are drained: who answers later wakes again.
            waker.acknowledge();
        }
    }

    private void commandCompleted(int tag, int result) {
        if (result == 0) {
            begin(tag);
        } else if (result == IoCommandLayout.NEED_GET_DATA && path == DataPath.GET_DATA) {
            commandOrFail(getDataCode, tag, 0);
        } else {
            // ENODEV: stopped or dying. Anything else would come again at once, for ever.
            alive--;
            if (result != -Errno.ENODEV.code()) {
                monitor.lostTag(this, tag, Errno.of(-result));
            }
        }
    }

    private void begin(int tag) {
        long at = tag * IoDescriptorLayout.SIZE_BYTES;
        UblkRequest request = requests[tag];
        request.begin(
                descriptors.get(JAVA_INT, at + IoDescriptorLayout.OP_FLAGS),
                descriptors.get(JAVA_INT, at + IoDescriptorLayout.NR_SECTORS),
                descriptors.get(JAVA_LONG, at + IoDescriptorLayout.START_SECTOR));
        guarded(request, () -> handler().start(request));
    }

    private QueueTarget handler() {
        QueueTarget open = handler;
        if (open == null) {
            throw new IllegalStateException("the queue does not run");
        }
        return open;
    }

    /** What may fail in any way while it owns a request. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    /** The one place where a failure becomes the request's error (U1). */
    @SuppressWarnings("CatchingUnchecked")
    private void guarded(UblkRequest request, Step step) {
        try {
            step.run();
        } catch (QueueBrokenException e) {
            throw e;
        } catch (Throwable t) { // an Error, too: the request must not hang with its writer
            monitor.failed(request, t);
            request.fail(t instanceof PosixException e ? blockErrno(e.errno()) : Errno.EIO);
        }
    }

    /** Says why a request is answered with an error; thread-safe. */
    void report(UblkRequest request, Throwable cause) {
        monitor.failed(request, cause);
    }

    /** Errors that the block layer knows; what else a target's file may say is an I/O error. */
    private static Errno blockErrno(Errno errno) {
        return switch (errno) {
            case ENOSPC, EOPNOTSUPP, ETIMEDOUT, ENOMEM -> errno;
            default -> Errno.EIO;
        };
    }

    /** Thread-safe: commits here, or wakes the queue's thread to do it. */
    @SuppressWarnings("ReferenceEquality") // it is the very thread or another
    void answer(UblkRequest request, int result) {
        if (Thread.currentThread() == thread) {
            commit(request.tag(), result);
        } else if (answers.push(request.tag(), result)) {
            waker.wake();
        }
    }

    private void commit(int tag, int result) {
        commandOrFail(commitCode, tag, result);
    }

    private void commandOrFail(int code, int tag, int result) {
        try {
            command(code, tag, result);
        } catch (PosixException e) {
            // The ring takes nothing any more; the queue ends, and recovery gets the request.
            throw new QueueBrokenException(e);
        }
    }

    private void command(int code, int tag, int result) throws PosixException {
        Sqe sqe = ring().nextSqe().uringCommand(character.descriptor(), code);
        sqe.command(IoCommandLayout.Q_ID, (short) id)
                .command(IoCommandLayout.TAG, (short) tag)
                .command(IoCommandLayout.RESULT, result)
                .userData(COMMAND | tag);
        if (path.namesBuffer()) {
            sqe.command(IoCommandLayout.ADDR, requests[tag].buffer().address());
        } else if (path == DataPath.ZERO_COPY) {
            sqe.address(tag); // struct ublk_auto_buf_reg: the index of the registered buffer
        }
    }

    /** The ring refused a commit. */
    private static final class QueueBrokenException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        QueueBrokenException(Throwable cause) {
            super("the queue's ring takes no requests", cause);
        }
    }
}
