package io.arcfs.fuse.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One of the kernel's request queues: of the requests that are made on one CPU. It has one reader,
 * and gets another when the last one that does not wait is about to. They stay: an entry cannot be
 * given back before the mount ends. Thread-safe.
 */
final class RingQueue {
    private final RingQueues all;
    private final int cpu;

    /** Readers that there are, and of those, the ones that do not wait. */
    private final AtomicInteger readers = new AtomicInteger();

    private final AtomicInteger free = new AtomicInteger();

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

    /**
     * A reader is about to wait.
     *
     * @param counted it waits already, for a disk
     * @param takesLong it may wait for minutes
     */
    void waitBegins(boolean counted, boolean takesLong) {
        int left = counted ? free.get() : free.decrementAndGet();
        if (left <= 0 && (takesLong || readers.get() < RingQueues.READERS_FOR_DISK)) {
            all.addReader(this);
        }
    }

    void waitEnds() {
        free.incrementAndGet();
    }
}
