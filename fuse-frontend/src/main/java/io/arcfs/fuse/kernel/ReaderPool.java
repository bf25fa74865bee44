package io.arcfs.fuse.kernel;

import io.arcfs.fuse.abi.Descriptors;
import io.arcfs.posix.Errno;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The readers of a mount and their posts. A post is a descriptor of /dev/fuse of its own, with one
 * reader at it; there are as many readers more as requests wait, up to a limit. At the limit a
 * waiting request keeps its post. A request that waits for a disk keeps it, too: then spare posts
 * get a reader, and lose it when nobody waits for a disk any more.
 *
 * <p>Thread-safe.
 */
final class ReaderPool {
    private static final Logger LOG = LoggerFactory.getLogger(ReaderPool.class);

    /** A reader that found no post for so long ends; the next wait makes another. */
    private static final long IDLE_SECONDS = 30;

    /** How long a request made to wake a reader up may take before another is made. */
    private static final long NUDGE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** How long after the last wait for a disk a spare post is left. */
    private static final long SPARE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Session session;
    private final int device;
    private final Negotiation agreed;
    private final int limit;
    private final Runnable whenAllEnded;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition vacancy = lock.newCondition();
    private final List<Integer> posts;
    private final List<Integer> spares;
    private final ArrayDeque<Integer> vacant = new ArrayDeque<>();
    private final ArrayDeque<Integer> freeSpares = new ArrayDeque<>();
    private final List<Reader> readers = new ArrayList<>();
    private int idle;
    private int started;
    private boolean over;

    /** Readers at a post that do not wait for a disk. */
    private final AtomicInteger ready = new AtomicInteger();

    private volatile long lastDiskWaitNanos = System.nanoTime();

    /** No reader takes another request; asked after each. */
    private volatile boolean stopping;

    /**
     * @param descriptors of the same connection; closed when the last reader has ended
     * @param always how many of them are posts with a reader at any time; the others get one while
     *     readers wait for a disk
     * @param limit readers there may be at once
     */
    ReaderPool(
            Session session,
            int device,
            List<Integer> descriptors,
            int always,
            Negotiation agreed,
            int limit,
            Runnable whenAllEnded) {
        this.session = session;
        this.device = device;
        this.posts = List.copyOf(descriptors.subList(0, always));
        this.spares = List.copyOf(descriptors.subList(always, descriptors.size()));
        this.freeSpares.addAll(spares);
        this.agreed = agreed;
        this.limit = Math.max(limit, posts.size());
        this.whenAllEnded = whenAllEnded;
    }

    /** Starts a reader at every post; with fewer threads than wanted as long as there is one. */
    void start() {
        lock.lock();
        try {
            for (int post : posts) {
                vacant.add(post);
                if (!startReader()) {
                    if (readers.isEmpty()) {
                        throw new OutOfMemoryError("no thread can be started");
                    }
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** With the lock held. */
    private boolean startReader() {
        boolean runs =
                start(() -> new DeviceReader("fuse-" + started, this, session, device, agreed));
        started += runs ? 1 : 0;
        return runs;
    }

    /** With the lock held. */
    private boolean start(Supplier<Reader> made) {
        try {
            Reader reader = made.get();
            reader.start();
            readers.add(reader);
            return true;
        } catch (OutOfMemoryError e) {
            LOG.warn(
                    "a reader cannot be started readers={} reason={}",
                    readers.size(),
                    e.toString());
            return false;
        }
    }

    /**
     * Starts a reader that needs no post.
     *
     * @return false if there may be no more, or the mount ends
     */
    boolean add(Supplier<Reader> made) {
        lock.lock();
        try {
            return !over && !stopping && readers.size() < limit && start(made);
        } finally {
            lock.unlock();
        }
    }

    /** A post to read at; waits for one, and answers -1 when the reader should end. */
    int takePost() {
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(IDLE_SECONDS);
            idle++;
            while (!over && !stopping) {
                Integer post = vacant.poll();
                if (post != null) {
                    ready.incrementAndGet();
                    return post;
                }
                if (left <= 0) {
                    return -1;
                }
                left = awaitVacancy(left);
            }
            return -1;
        } finally {
            idle--;
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the caller loops
    private long awaitVacancy(long nanos) {
        try {
            return vacancy.awaitNanos(nanos);
        } catch (InterruptedException e) {
            return nanos; // meant for a request that is answered already
        }
    }

    /** Finds another reader for a post; false if there is none and can be none. */
    boolean handOver(int post) {
        lock.lock();
        try {
            return man(post);
        } finally {
            lock.unlock();
        }
    }

    /** With the lock held. */
    private boolean man(int post) {
        if (over || stopping) {
            return false;
        }
        if (idle <= vacant.size() && (readers.size() >= limit || !startReader())) {
            return false;
        }
        vacant.add(post);
        vacancy.signal();
        return true;
    }

    /** A reader has left its post, which another one has or will get. */
    void left() {
        ready.decrementAndGet();
    }

    /**
     * A reader stays at its post and waits for a disk: if it was the last one, a spare is manned.
     */
    void diskWaitBegins() {
        lastDiskWaitNanos = System.nanoTime();
        if (ready.decrementAndGet() > 0) {
            return;
        }
        lock.lock();
        try {
            Integer spare = freeSpares.poll();
            if (spare != null && !man(spare)) {
                freeSpares.add(spare);
            }
        } finally {
            lock.unlock();
        }
    }

    void diskWaitEnds() {
        ready.incrementAndGet();
    }

    /** Whether a post is a spare that nobody needs any more; the caller then has left it. */
    boolean leavesSpare(int post) {
        if (ready.get() <= posts.size()
                || System.nanoTime() - lastDiskWaitNanos < SPARE_NANOS
                || !spares.contains(post)) {
            return false;
        }
        lock.lock();
        try {
            if (stopping) {
                return false;
            }
            freeSpares.add(post);
            ready.decrementAndGet();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Interrupts the reader that waits for that request; false if none does. */
    boolean interrupt(long unique) {
        lock.lock();
        try {
            for (Reader reader : readers) {
                if (reader.interruptIfServing(unique)) {
                    return true;
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** The kernel has no more requests: every reader ends. */
    void over(Errno reason) {
        lock.lock();
        try {
            if (!over) {
                LOG.debug("no more requests: {}", reason);
                over = true;
                vacancy.signalAll();
                readers.forEach(Reader::interruptIfWaiting);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Run by each reader at its end. */
    void ended(Reader reader, Arena arena) {
        boolean last;
        lock.lock();
        try {
            readers.remove(reader);
            last = over && readers.isEmpty();
            vacancy.signalAll(); // stop() waits for the last one
        } finally {
            lock.unlock();
        }
        arena.close();
        if (last) {
            try {
                whenAllEnded.run(); // what it gives back may be known to the kernel by a post
            } finally {
                closePosts();
            }
        }
    }

    void closePosts() {
        posts.forEach(Descriptors::close);
        spares.forEach(Descriptors::close);
    }

    boolean isStopping() {
        return stopping;
    }

    /**
     * Ends every reader and leaves the connection open. A reader in read(2) ends with its next
     * request, so some are made; one that waits for something slow is interrupted.
     *
     * @param nudge makes the kernel send a request; may block when nobody is left to answer it
     * @return false if a request does not end; then everything is served on
     */
    boolean stop(Runnable nudge, Duration patience) throws InterruptedException {
        lock.lock();
        try {
            stopping = true;
            vacancy.signalAll();
            long left = patience.toNanos();
            while (!readers.isEmpty() && !over && left > 0) {
                readers.forEach(Reader::interruptIfWaiting);
                Thread.ofPlatform().daemon(true).name("nudge").start(nudge);
                long turn = Math.min(left, NUDGE_NANOS);
                left -= turn - Math.max(0, vacancy.awaitNanos(turn));
            }
            if (readers.isEmpty() && !over) {
                return true;
            }
            stopping = false;
            refill();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** With the lock held: finds readers for the posts that were left before the stop failed. */
    private void refill() {
        vacant.clear();
        freeSpares.clear();
        for (int post : posts) {
            if (isVacant(post)) {
                vacant.add(post);
                startReader();
            }
        }
        spares.stream().filter(this::isVacant).forEach(freeSpares::add);
    }

    private boolean isVacant(int post) {
        return readers.stream().noneMatch(reader -> reader.isAt(post));
    }

    int readers() {
        lock.lock();
        try {
            return readers.size();
        } finally {
            lock.unlock();
        }
    }
}
