package io.arcfs.fuse.kernel;

import io.arcfs.device.WaitPoint;
import io.arcfs.fuse.abi.FuseCalls;
import io.arcfs.overlay.FsException;
import io.arcfs.posix.Errno;
import java.lang.foreign.Arena;

/**
 * A thread that reads requests at a post, answers them, and never dies of one.
 *
 * <p>Before a request waits for something slow, another reader takes over the post; this one
 * answers its request and then looks for a post again. So every request is served where it was
 * read, without a hand-over in the usual case, and slow ones hold up nobody.
 */
final class Reader extends Thread implements WaitPoint.Observer {
    private final ReaderPool pool;
    private final Session session;
    private final Arena arena = Arena.ofShared();
    private final FuseCalls calls = new FuseCalls();
    private final Request request;
    private final Reply reply;
    private final Dispatcher dispatcher;
    private final long requestAddress;

    /** Where it reads; its replies go there, even after it left the post. */
    private volatile int descriptor;

    private volatile boolean onPost;

    /** The request at hand has waited for a disk. Confined to this thread. */
    private boolean waitsForDisk;

    /** Guards waiting against an interrupt that comes when the request is over. */
    private final Object interruptLock = new Object();

    private volatile long serving;
    private volatile boolean waiting;

    Reader(String name, ReaderPool pool, Session session, int device, Negotiation agreed) {
        super(name);
        setDaemon(true);
        this.pool = pool;
        this.session = session;
        Buffers buffers = new Buffers(arena);
        this.request = new Request(buffers);
        this.reply = new Reply(buffers, session.nodeIds, session.unanswered);
        this.requestAddress = buffers.address + Buffers.REQUEST_START;
        this.dispatcher =
                new Dispatcher(session, this, buffers, agreed, new Notifier(calls, device, arena));
    }

    @Override
    public void run() {
        try {
            for (int post = pool.takePost(); post >= 0; post = pool.takePost()) {
                descriptor = post;
                onPost = true;
                while (onPost && !pool.isStopping()) {
                    serveOne();
                    if (onPost && pool.leavesSpare(post)) {
                        onPost = false;
                    }
                }
                if (onPost) {
                    onPost = false;
                    pool.left();
                }
            }
        } finally {
            pool.ended(this, arena);
        }
    }

    private void serveOne() {
        try {
            long got = calls.read(descriptor, requestAddress, Buffers.REQUEST_BYTES);
            if (got < 0) {
                failedToRead(Errno.of((int) -got));
                return;
            }
            request.arrived((int) got);
            serving = request.unique();
            if (dispatcher.dispatch(request, reply) && !isForSuccessor()) {
                send();
            }
        } catch (Throwable e) {
            session.failures.report("request", e);
        } finally {
            finished();
        }
    }

    /**
     * A wait was cut short because the mount is handed over: nothing was done, nothing is answered,
     * and the successor gets the request again.
     */
    private boolean isForSuccessor() {
        return waiting && pool.isStopping() && reply.isError(Errno.EINTR.code());
    }

    private void failedToRead(Errno errno) {
        switch (errno) {
            // ENOENT: the request was interrupted before it was read
            case EINTR, EAGAIN, ENOENT -> {}
            default -> {
                onPost = false;
                pool.over(errno);
            }
        }
    }

    private void send() {
        long result = calls.write(descriptor, reply.address(), reply.lengthBytes());
        if (result < 0) {
            // Interrupted and given up by the kernel, or the mount is gone: nobody has the result.
            dispatcher.takeBack(request, reply);
        }
    }

    private void finished() {
        serving = 0;
        if (waitsForDisk) {
            waitsForDisk = false;
            if (onPost) {
                pool.diskWaitEnds();
            }
        }
        if (waiting) {
            synchronized (interruptLock) {
                waiting = false;
                Thread.interrupted();
            }
        }
    }

    @Override
    public void aboutToWait() {
        if (onPost && pool.handOver(descriptor)) {
            onPost = false;
            if (!waitsForDisk) {
                pool.left();
            }
        }
        synchronized (interruptLock) {
            waiting = true;
            if (session.interrupts.take(serving)) {
                interrupt();
            }
        }
    }

    @Override
    public void aboutToWaitForDisk() {
        if (onPost && !waitsForDisk) {
            waitsForDisk = true;
            pool.diskWaitBegins();
        }
    }

    @Override
    public void aboutToRecall(long bytes) throws FsException {
        session.fileSystem.aboutToRecall(request.inode(), request.pid(), bytes);
    }

    @Override
    public boolean mayRecall() {
        return session.fileSystem.mayRecall(request.pid());
    }

    /** The kernel says that nobody waits for a request any more; any reader may hear of it. */
    void interrupt(long unique) {
        if (pool.interrupt(unique)) {
            return;
        }
        session.interrupts.keep(unique);
        // Its reader may have begun to wait after it was looked at and before this was kept.
        if (pool.interrupt(unique)) {
            session.interrupts.take(unique);
        }
    }

    /** Interrupts this reader if it serves that request and waits; else says no. */
    boolean interruptIfServing(long unique) {
        if (serving != unique) {
            return false;
        }
        synchronized (interruptLock) {
            if (serving != unique || !waiting) {
                return false;
            }
            interrupt();
            return true;
        }
    }

    /** Whether it reads there, or is about to. */
    boolean isAt(int post) {
        return onPost && descriptor == post;
    }

    /** The mount is gone, or goes to somebody else: nobody waits for what this reader waits for. */
    void interruptIfWaiting() {
        synchronized (interruptLock) {
            if (waiting) {
                interrupt();
            }
        }
    }
}
