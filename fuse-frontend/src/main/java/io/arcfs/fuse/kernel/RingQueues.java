package io.arcfs.fuse.kernel;

import io.arcfs.fuse.abi.ThreadAffinity;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.uring.IoUring;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel's request queues of one mount and the readers at them. Thread-safe. */
final class RingQueues {
    private static final Logger LOG = LoggerFactory.getLogger(RingQueues.class);

    private final ReaderPool pool;
    private final Session session;
    private final int device;
    private final Negotiation agreed;
    private final Runnable request;
    private final AtomicInteger started = new AtomicInteger();
    private volatile @Nullable String refusal;

    /**
     * @param request makes the kernel send one
     */
    RingQueues(ReaderPool pool, Session session, int device, Negotiation agreed, Runnable request) {
        this.pool = pool;
        this.session = session;
        this.device = device;
        this.agreed = agreed;
        this.request = request;
    }

    /**
     * Starts a reader at every queue.
     *
     * @param rings one for each queue
     * @return false if one could not be started: the kernel then waits for it for ever
     */
    boolean start(List<IoUring> rings) {
        for (int cpu = 0; cpu < rings.size(); cpu++) {
            if (!start(new RingQueue(this, cpu), rings.get(cpu))) {
                Rings.close(rings.subList(cpu + 1, rings.size()));
                return false;
            }
        }
        return true;
    }

    /**
     * The kernel took no entry of a reader.
     *
     * @param only if the queue has no other: then the whole mount is served through /dev/fuse
     */
    void refused(RingQueue queue, Errno errno, boolean only) {
        LOG.warn("io_uring refused cpu={} only={} errno={}", queue.cpu(), only, errno);
        if (only) {
            refusal = "the kernel refused it: " + errno.description();
        }
    }

    /** Why requests do not come by rings after all; null if they do. */
    @Nullable String refusal() {
        return refusal;
    }

    /** One more; without, requests of that CPU wait for those that wait now. */
    void addReader(RingQueue queue) {
        try {
            start(queue, Rings.openOne());
        } catch (PosixException e) {
            LOG.warn("a reader cannot be added cpu={} reason={}", queue.cpu(), e.getMessage());
        }
    }

    private boolean start(RingQueue queue, IoUring ring) {
        queue.added();
        boolean runs = false;
        try {
            runs =
                    pool.add(() ->
                            new RingReader(
                                    "fuse-ring-" + started.getAndIncrement(),
                                    ring,
                                    queue,
                                    pool,
                                    session,
                                    device,
                                    agreed));
        } finally {
            if (!runs) {
                queue.notAdded();
                Rings.close(List.of(ring));
            }
        }
        return runs;
    }

    /**
     * Requests that came before an entry was registered are not given to it; but they are when it
     * has answered another, so one is made on that CPU. (In vain while the mount is detached from
     * its directory; then they wait for the next request of a program.)
     */
    void nudge(int cpu) {
        Thread.ofPlatform()
                .daemon(true)
                .name("nudge")
                .start(() -> {
                    try (Arena arena = Arena.ofConfined()) {
                        new ThreadAffinity(arena, cpu).stay();
                    }
                    request.run();
                });
    }
}
