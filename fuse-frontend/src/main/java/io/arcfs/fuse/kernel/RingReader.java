package io.arcfs.fuse.kernel;

import io.arcfs.fuse.abi.OpenBits;
import io.arcfs.fuse.abi.ThreadAffinity;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.uring.CompletionHandler;
import io.arcfs.uring.IoUring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the requests that programs on one CPU make, over a ring of its own with one entry: one
 * system call gives a reply and gets the next request.
 *
 * <p>It runs on that CPU, so that neither it nor who waits for its answer is woken across CPUs,
 * which costs more than the rest of a small request. Read-ahead is the exception: the program works
 * on while its next bytes are fetched, so a reader that gets much of it goes where there is room.
 */
final class RingReader extends Reader {
    private static final Logger LOG = LoggerFactory.getLogger(RingReader.class);

    private static final long ENTRY = 1;

    /** A READ of so much that is not direct comes of read-ahead. */
    private static final int READ_AHEAD_BYTES = 64 * 1024;

    private static final long PAUSE_MILLIS = 100;

    // struct fuse_read_in
    private static final int READ_SIZE = 16;
    private static final int READ_OPEN_FLAGS = 32;

    private final IoUring ring;
    private final RingQueue queue;
    private final RingEntry entry;
    private final CompletionHandler handler = this::completed;

    /** A request lies in the entry. */
    private boolean arrived;

    /** The kernel gave the entry back. */
    private boolean gone;

    /** It has had one before. */
    private boolean served;

    /** The kernel does not know the entry any more. */
    private boolean lost;

    private boolean waits;

    /**
     * @param ring not enabled yet; closed by the reader
     */
    RingReader(
            String name,
            IoUring ring,
            RingQueue queue,
            ReaderPool pool,
            Session session,
            int device,
            Negotiation agreed) {
        super(name, pool, session, device, agreed);
        this.ring = ring;
        this.queue = queue;
        this.entry = new RingEntry(buffers, device, queue.cpu());
    }

    @Override
    public void run() {
        try {
            ThreadAffinity affinity = new ThreadAffinity(arena, queue.cpu());
            affinity.stay();
            ring.enable();
            entry.register(ring.nextSqe().userData(ENTRY));
            ring.submit();
            queue.registered();
            while (!gone) {
                serveNext(affinity);
            }
        } catch (Throwable e) {
            session.failures.report("io_uring", e);
        } finally {
            closeRing();
            pool.ended(this, arena);
        }
    }

    private void closeRing() {
        try {
            ring.close();
        } catch (PosixException e) {
            session.failures.report("io_uring", e);
        }
    }

    /** Waits for a request and answers it; the reply goes with the next wait. */
    private void serveNext(ThreadAffinity affinity) {
        try {
            ring.submitAndWait(1);
            ring.reap(handler);
            if (lost) {
                lost = false;
                entry.register(ring.nextSqe().userData(ENTRY)); // the queue must not be without
            }
            if (arrived) {
                arrived = false;
                serve(affinity);
                entry.put(reply);
                entry.commit(ring.nextSqe().userData(ENTRY));
            }
        } catch (Throwable e) {
            session.failures.report("io_uring", e);
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS); // the kernel has no memory for it: that takes a while
        } catch (InterruptedException e) {
            // meant for a request that is answered already
        }
    }

    private void completed(long userData, int result, int flags) {
        if (userData != ENTRY) {
            return;
        }
        if (result >= 0) {
            arrived = true;
            served = true;
            return;
        }
        Errno errno = Errno.of(-result);
        if (errno == Errno.ENOTCONN || errno == Errno.ECONNABORTED) {
            gone = true;
            pool.over(errno);
        } else if (served) {
            LOG.error("a reply was refused cpu={} errno={}", queue.cpu(), errno);
            lost = true;
        } else {
            queue.refused(errno);
            gone = true;
        }
    }

    private void serve(ThreadAffinity affinity) {
        try {
            entry.arrived(request);
            place(affinity);
            if (!answer()) {
                reply.begin(); // FORGET and the like do not come this way; nothing stays unanswered
                reply.end(entry.unique());
            }
        } catch (Throwable e) {
            session.failures.report("request", e);
            reply.error(Errno.EIO.code());
            reply.end(entry.unique());
        } finally {
            if (waits) {
                waits = false;
                queue.waitEnds();
            }
            answered();
        }
    }

    private void place(ThreadAffinity affinity) {
        boolean readAhead =
                request.opcode() == Opcode.READ
                        && request.intAt(READ_SIZE) >= READ_AHEAD_BYTES
                        && (request.intAt(READ_OPEN_FLAGS) & OpenBits.DIRECT) == 0;
        if (queue.roams(readAhead)) {
            affinity.roam();
        } else {
            affinity.stay();
        }
    }

    @Override
    void letOthersServe() {
        waits();
    }

    @Override
    public void aboutToSync() {
        waits();
    }

    /**
     * The queue gets another reader for what takes milliseconds or minutes. Not for reads from the
     * SSD: each queue has one of its own under way, and once there are two readers they take
     * read-ahead from each other, at two thirds of the speed.
     */
    private void waits() {
        if (!waits) {
            waits = true;
            queue.waitBegins();
        }
    }
}
