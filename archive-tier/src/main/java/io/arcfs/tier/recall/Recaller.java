package io.arcfs.tier.recall;

import io.arcfs.device.WaitPoint;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Priority;
import io.arcfs.tier.UnreadableObjectException;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings objects back from the media. Whoever waits for an object that is already wanted joins; a
 * waiter can be interrupted, and what nobody wants any more leaves the queue.
 *
 * <p>Each medium has one thread ({@link RecallWorker}). An object that a medium does not give, or
 * gives wrongly, is asked of the next medium that holds a copy. Thread-safe.
 */
public final class Recaller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recaller.class);

    /** Of a request that is asked for in parts. */
    private static final int PARTS_ON_THEIR_WAY = 4;

    final ReentrantLock lock = new ReentrantLock();

    private final MediaPool pool;
    private final Map<ObjectKey, PendingObject> pending = new HashMap<>(); // guarded by lock
    private final Map<PooledMedium, RecallWorker> workers = new LinkedHashMap<>();
    private final int objectBytes;
    private final LongSupplier clock;
    private final Duration timeout;
    private long running; // guarded by lock, like all below
    private long requestsDone;
    private long objects;
    private long bytes;
    private boolean closed;
    private final Settling settling = new Settling();
    private volatile Runnable settledAction = () -> {};
    private volatile BiConsumer<ContainerId, PooledMedium> damagedAction = (c, m) -> {};
    private volatile ReadAction readAction = (c, m, o, n) -> {};

    private Recaller(MediaPool pool, int objectBytes, LongSupplier clock, Duration timeout) {
        this.pool = pool;
        this.objectBytes = objectBytes;
        this.clock = clock;
        this.timeout = timeout;
    }

    /**
     * Starts one thread per medium.
     *
     * @param timeout how long a reader waits at most
     */
    public static Recaller start(MediaPool pool, int objectBytes, Duration timeout) {
        return new Recaller(pool, objectBytes, System::nanoTime, timeout);
    }

    /** Lock held: the worker of a medium, started when it is first needed. */
    private RecallWorker workerOf(PooledMedium medium) {
        return workers.computeIfAbsent(
                medium,
                m -> {
                    RecallWorker worker = new RecallWorker(this, m, objectBytes);
                    worker.start();
                    return worker;
                });
    }

    long nanoTime() {
        return clock.getAsLong();
    }

    /** Runs on a medium's thread whenever nothing is waiting for that medium any more. */
    public void onSettled(Runnable action) {
        settledAction = action;
    }

    /** Runs on a medium's thread when it gave wrong bytes of a container. */
    public void onDamaged(BiConsumer<ContainerId, PooledMedium> action) {
        damagedAction = action;
    }

    /** Told of every object that a medium gave and that was right. */
    @FunctionalInterface
    public interface ReadAction {
        /**
         * @param count how many objects its container has
         */
        void read(ContainerId container, PooledMedium medium, int object, int count);
    }

    /** Runs on a medium's thread. */
    public void onRead(ReadAction action) {
        readAction = action;
    }

    void read(ContainerId container, PooledMedium medium, int object, int count) {
        readAction.read(container, medium, object, count);
    }

    void damaged(ContainerId container, PooledMedium medium) {
        damagedAction.accept(container, medium);
    }

    /** Whether a reader is blocked on what a medium has yet to give. */
    public boolean hasBlockedReaders() {
        lock.lock();
        try {
            return pending.values().stream()
                    .anyMatch(o -> o.waiters > 0 && o.priority == Priority.FOREGROUND);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more is waiting for a medium just now, and these have got something. */
    void settled(Collection<RecallTarget> targets) {
        settling.add(targets);
        settledAction.run();
    }

    Condition newCondition() {
        return lock.newCondition();
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Waits until the objects are on the SSD.
     *
     * @throws InterruptedIOException when the waiting thread is interrupted; its flag stays set
     * @throws PosixException with ETIMEDOUT when it takes longer than the timeout; what is asked
     *     for by {@code PRESTAGE} has none
     * @throws UnreadableObjectException when no medium gave one of them
     */
    public void recall(RecallTarget target, int[] wanted, Priority priority) throws IOException {
        try (Request request = request(priority)) {
            request.ask(target, wanted);
            request.await();
        }
    }

    /** Begins a recall that is asked for in parts. */
    public Request request(Priority priority) {
        return new Request(priority);
    }

    /**
     * A recall of whatever length: asking for more waits while too much is on its way, and the
     * medium never runs out of what to read next in between. Confined to one thread.
     */
    public final class Request implements AutoCloseable {
        private final Priority priority;
        private final ArrayDeque<List<PendingObject>> asked = new ArrayDeque<>();
        private boolean counts;

        private Request(Priority priority) {
            this.priority = priority;
        }

        /** Fails as {@link Recaller#recall} does, also for what was asked for earlier. */
        public void ask(RecallTarget target, int[] wanted) throws IOException {
            List<PendingObject> joined = new ArrayList<>(wanted.length);
            asked.add(joined);
            counts = true;
            lock.lock();
            try {
                for (int object : wanted) {
                    PendingObject one = join(new ObjectKey(target.id(), object), target, priority);
                    one.waiters++;
                    joined.add(one);
                }
            } finally {
                lock.unlock();
            }
            while (asked.size() > PARTS_ON_THEIR_WAY) {
                awaitOldest();
            }
        }

        /** Returns when everything is there. */
        public void await() throws IOException {
            while (!asked.isEmpty()) {
                awaitOldest();
            }
        }

        private void awaitOldest() throws IOException {
            List<PendingObject> oldest = asked.getFirst();
            long end =
                    priority == Priority.PRESTAGE
                            ? PendingObject.NEVER
                            : nanoTime() + timeout.toNanos();
            // The last one first: it mostly comes last, and each wait that finds its object there
            // wakes nobody up.
            for (PendingObject object : oldest.reversed()) {
                Recaller.this.await(object, end);
            }
            leave(asked.removeFirst());
        }

        /** What has not come yet is not waited for any more. */
        @Override
        public void close() {
            asked.forEach(Recaller.this::leave);
            asked.clear();
            lock.lock();
            try {
                requestsDone += counts ? 1 : 0;
                counts = false;
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Has the objects brought without waiting for them; those that cannot be are left.
     *
     * @param deadlineNanos when a reader will need an object, by its index; {@link Long#MAX_VALUE}:
     *     nobody knows
     */
    public void want(RecallTarget target, int[] wanted, IntToLongFunction deadlineNanos) {
        lock.lock();
        try {
            for (int index : wanted) {
                if (!closed) {
                    ObjectKey key = new ObjectKey(target.id(), index);
                    PendingObject object = join(key, target, Priority.READAHEAD);
                    object.detached = true;
                    refile(object, object.priority, deadlineNanos.applyAsLong(index));
                }
            }
        } catch (IOException e) {
            LOG.debug("readahead of {} ends", target.id(), e); // the tier closes
        } finally {
            lock.unlock();
        }
    }

    private PendingObject join(ObjectKey key, RecallTarget target, Priority priority)
            throws IOException {
        if (closed) {
            throw closedException();
        }
        PendingObject object = pending.get(key);
        if (object == null) {
            object = new PendingObject(key, target, priority);
            object.blockedSinceNanos = nanoTime();
            pending.put(key, object);
            route(object);
        } else if (priority.compareTo(object.priority) < 0) {
            if (priority == Priority.FOREGROUND) {
                refileBlocked(object);
            } else {
                refile(object, priority, object.deadlineNanos);
            }
        }
        return object;
    }

    private void refileBlocked(PendingObject object) {
        RecallQueue queue = object.queue;
        if (queue != null) {
            queue.remove(object);
        }
        object.priority = Priority.FOREGROUND;
        object.blockedSinceNanos = nanoTime();
        if (queue != null) {
            queue.add(object);
        }
    }

    private static void refile(PendingObject object, Priority priority, long deadlineNanos) {
        RecallQueue queue = object.queue;
        if (queue != null) {
            queue.remove(object);
        }
        object.priority = priority;
        object.deadlineNanos = Math.min(object.deadlineNanos, deadlineNanos);
        if (queue != null) {
            queue.add(object);
        }
    }

    /** Queues the object at a medium not asked yet, the healthy ones first; fails it if none. */
    private void route(PendingObject object) {
        PooledMedium best = null;
        Placement place = null;
        for (Placement placement : object.target.placements()) {
            if (object.tried.contains(placement.medium())) {
                continue;
            }
            Optional<PooledMedium> medium = pool.byId(placement.medium());
            if (medium.isEmpty()) {
                object.tried.add(placement.medium());
                object.failures.add("medium " + placement.medium() + ": not in the pool");
            } else if (best == null || medium.get().state().compareTo(best.state()) < 0) {
                best = medium.get();
                place = placement;
            }
        }
        if (best == null || place == null) {
            finish(
                    object,
                    new UnreadableObjectException(
                            object.key.container(), object.key.object(), object.failures));
        } else {
            object.position =
                    best.positionOf(place.place(), object.key.container())
                            + (long) object.key.object() * objectBytes;
            RecallWorker worker = workerOf(best);
            worker.queue.add(object);
            worker.wakeUp();
        }
    }

    private void await(PendingObject object, long endNanos) throws IOException {
        try {
            if (!object.done.isDone()) {
                WaitPoint.enter();
            }
            if (endNanos == PendingObject.NEVER) {
                object.done.get();
            } else {
                object.done.get(endNanos - nanoTime(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + object.key);
        } catch (TimeoutException e) {
            throw new PosixException("recall", Errno.ETIMEDOUT, object.key.toString());
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            // A new one per waiter: several threads must not share one stack trace.
            throw cause instanceof UnreadableObjectException unreadable
                    ? unreadable.again()
                    : new IOException(cause == null ? "recall failed" : cause.getMessage(), cause);
        }
    }

    private void leave(List<PendingObject> joined) {
        lock.lock();
        try {
            for (PendingObject object : joined) {
                object.waiters--;
                if (object.waiters == 0
                        && !object.detached
                        && !object.running
                        && !object.done.isDone()) {
                    RecallQueue queue = object.queue;
                    if (queue != null) {
                        queue.remove(object);
                    }
                    pending.remove(object.key);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lock held: a worker has taken these. */
    void markRunning(List<PendingObject> taken) {
        taken.forEach(object -> object.running = true);
        running += taken.size();
    }

    /** A worker has installed objects of so many bytes. */
    void succeeded(List<PendingObject> installed, long lengthBytes) {
        lock.lock();
        try {
            bytes += lengthBytes;
            for (PendingObject object : installed) {
                if (!object.done.isDone()) {
                    running--;
                    objects++;
                    finish(object, null);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** A medium did not give an object, or gave other bytes: the next one is asked. */
    void failedOn(PooledMedium medium, PendingObject object, String why) {
        lock.lock();
        try {
            running--;
            object.running = false;
            UUID id = medium.id().orElse(null);
            if (id != null) {
                object.tried.add(id);
            }
            object.failures.add(medium.spec() + ": " + why);
            if (closed || id == null) {
                finish(object, closedException());
            } else {
                route(object);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The SSD did not take an object; no other medium would help. */
    void failedOnSsd(PendingObject object, IOException why) {
        lock.lock();
        try {
            if (object.done.isDone()) {
                return; // delivered before the rest of its run failed
            }
            running--;
            finish(object, why);
        } finally {
            lock.unlock();
        }
    }

    private void finish(PendingObject object, @Nullable IOException e) {
        pending.remove(object.key);
        if (e == null) {
            object.done.complete(null);
        } else {
            object.done.completeExceptionally(e);
        }
    }

    private static IOException closedException() {
        return new IOException("the tier is closing");
    }

    public RecallCounters counters() {
        lock.lock();
        try {
            long queued = workers.values().stream().mapToLong(w -> w.queue.size()).sum();
            return new RecallCounters(queued, running, requestsDone, objects, bytes);
        } finally {
            lock.unlock();
        }
    }

    /** Fails who waits, and ends the threads after the object each is reading. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            for (RecallWorker worker : workers.values()) {
                worker.queue.removeAll().forEach(object -> finish(object, closedException()));
                worker.wakeUp();
            }
        } finally {
            lock.unlock();
        }
        List.copyOf(workers.values()).forEach(RecallWorker::join);
        settling.close();
    }
}
