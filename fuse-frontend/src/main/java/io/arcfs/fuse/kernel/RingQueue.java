package io.arcfs.fuse.kernel;

import io.arcfs.posix.Errno;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One of the kernel's request queues: of the requests that are made on one CPU. It has one reader,
 * and gets another when the last one that does not wait is about to. They stay: an entry cannot be
 * given back before the mount ends. Thread-safe.
 */
final class RingQueue {
    /** So many requests of one kind in a row change where its readers run. */
    private static final int STREAK = 4;

    private final RingQueues all;
    private final int cpu;

    /** Readers that there are, and of those, the ones that do not wait. */
    private final AtomicInteger readers = new AtomicInteger();

    private final AtomicInteger free = new AtomicInteger();

    private int streak;
    private volatile boolean roams;

    RingQueue(RingQueues all, int cpu) {
        this.all = all;
        this.cpu = cpu;
    }

    int cpu() {
        return cpu;
    }

    /** A reader is about to be started. */
    void added() {
        readers.incrementAndGet();
        free.incrementAndGet();
    }

    /** It could not be started. */
    void notAdded() {
        readers.decrementAndGet();
        free.decrementAndGet();
    }

    /** A reader's entry is known to the kernel. */
    void registered() {
        if (readers.get() > 1) {
            all.nudge(cpu);
        }
    }

    /** The kernel took no entry of a reader. */
    void refused(Errno errno) {
        notAdded();
        all.refused(this, errno, readers.get() == 0);
    }

    /** A reader is about to wait. */
    void waitBegins() {
        if (free.decrementAndGet() <= 0) {
            all.addReader(this);
        }
    }

    void waitEnds() {
        free.incrementAndGet();
    }

    /**
     * Whether its readers should run wherever there is room; asked with each request. A count that
     * two of them lose to each other does no harm.
     *
     * @param readAhead whether the request is one that its program does not wait for
     */
    boolean roams(boolean readAhead) {
        if (readAhead == roams) {
            streak = 0;
        } else if (++streak >= STREAK) {
            streak = 0;
            roams = readAhead;
        }
        return roams;
    }
}
