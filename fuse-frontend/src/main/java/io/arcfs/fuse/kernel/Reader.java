package io.arcfs.fuse.kernel;

import io.arcfs.device.WaitPoint;
import io.arcfs.fuse.abi.FuseCalls;
import io.arcfs.overlay.FsException;
import java.lang.foreign.Arena;

/**
 * A thread that answers requests one after the other, and never dies of one. Before a request waits
 * for something slow, it sees to it that another reader takes what comes meanwhile.
 */
abstract class Reader extends Thread implements WaitPoint.Observer {
    final ReaderPool pool;
    final Session session;
    final Arena arena = Arena.ofShared();
    final FuseCalls calls = new FuseCalls();
    final Buffers buffers = new Buffers(arena);
    final Request request = new Request(buffers);
    final Reply reply;
    final Dispatcher dispatcher;

    /** Guards waiting against an interrupt that comes when the request is over. */
    private final Object interruptLock = new Object();

    private volatile long serving;
    private volatile boolean waiting;

    Reader(String name, ReaderPool pool, Session session, int device, Negotiation agreed) {
        super(name);
        setDaemon(true);
        this.pool = pool;
        this.session = session;
        this.reply = new Reply(buffers, session.nodeIds, session.unanswered);
        this.dispatcher =
                new Dispatcher(session, this, buffers, agreed, new Notifier(calls, device, arena));
    }

    /** The request that arrived is answered now; false if it wants no reply. */
    final boolean answer() {
        serving = request.unique();
        return dispatcher.dispatch(request, reply);
    }

    final void answered() {
        serving = 0;
        if (waiting) {
            synchronized (interruptLock) {
                waiting = false;
                Thread.interrupted();
            }
        }
    }

    /** Whether the request at hand has waited for something slow. */
    final boolean hasWaited() {
        return waiting;
    }

    /** Finds somebody for the requests that come while this one waits. */
    abstract void letOthersServe();

    @Override
    public final void aboutToWait() {
        letOthersServe();
        synchronized (interruptLock) {
            waiting = true;
            if (session.interrupts.take(serving)) {
                interrupt();
            }
        }
    }

    @Override
    public final void aboutToRecall(long bytes) throws FsException {
        session.fileSystem.aboutToRecall(request.inode(), request.pid(), bytes);
    }

    @Override
    public final boolean mayRecall() {
        return session.fileSystem.mayRecall(request.pid());
    }

    /** The kernel says that nobody waits for a request any more; any reader may hear of it. */
    final void interrupt(long unique) {
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
    final boolean interruptIfServing(long unique) {
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
        return false;
    }

    /** The mount is gone, or goes to somebody else: nobody waits for what this reader waits for. */
    final void interruptIfWaiting() {
        synchronized (interruptLock) {
            if (waiting) {
                interrupt();
            }
        }
    }
}
