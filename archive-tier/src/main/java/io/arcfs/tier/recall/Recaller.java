package io.arcfs.tier.recall;

import io.arcfs.device.WaitPoint;
import io.arcfs.tier.Priority;
import io.arcfs.tier.UnreadableObjectException;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Brings objects back from the media. Whoever waits for an object that is already wanted joins; a
 * waiter can be interrupted, and what nobody wants any more leaves the queue.
 *
 * <p>Each medium has one thread ({@link RecallWorker}). An object that a medium does not give, or
 * gives wrongly, is asked of the next medium that holds a copy. Thread-safe.
 */
public final class Recaller implements AutoCloseable {
    final ReentrantLock lock = new ReentrantLock();

    private final MediaPool pool;
    private final Map<ObjectKey, PendingObject> pending = new HashMap<>(); // guarded by lock
    private final Map<PooledMedium, RecallWorker> workers = new LinkedHashMap<>();
    private long running; // guarded by lock, like all below
    private long requestsDone;
    private long objects;
    private long bytes;
    private boolean closed;
    private volatile Runnable settledAction = () -> {};

    private Recaller(MediaPool pool) {
        this.pool = pool;
    }

    /** Starts one thread per medium. */
    public static Recaller start(MediaPool pool, int objectBytes) {
        Recaller recaller = new Recaller(pool);
        for (PooledMedium medium : pool.media()) {
            RecallWorker worker = new RecallWorker(recaller, medium, objectBytes);
            recaller.workers.put(medium, worker);
            worker.start();
        }
        return recaller;
    }

    /** Runs on a medium's thread whenever nothing is waiting for that medium any more. */
    public void onSettled(Runnable action) {
        settledAction = action;
    }

    void settled() {
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
     * @throws UnreadableObjectException when no medium gave one of them
     */
    public void recall(RecallTarget target, int[] wanted, Priority priority) throws IOException {
        List<PendingObject> joined = new ArrayList<>(wanted.length);
        lock.lock();
        try {
            for (int object : wanted) {
                joined.add(join(new ObjectKey(target.id(), object), target, priority));
            }
        } finally {
            lock.unlock();
        }
        try {
            for (PendingObject object : joined) {
                await(object);
            }
        } finally {
            leave(joined);
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
            pending.put(key, object);
            object.waiters++;
            route(object);
        } else {
            object.waiters++;
            if (priority.compareTo(object.priority) < 0) {
                raise(object, priority);
            }
        }
        return object;
    }

    private void raise(PendingObject object, Priority priority) {
        if (object.running) {
            object.priority = priority;
            return;
        }
        // Re-filed in whichever queue holds it; removing from the others changes nothing.
        for (RecallWorker worker : workers.values()) {
            if (worker.queue.contains(object)) {
                worker.queue.remove(object);
                object.priority = priority;
                worker.queue.add(object);
                return;
            }
        }
    }

    /** Queues the object at a medium not asked yet, the healthy ones first; fails it if none. */
    private void route(PendingObject object) {
        PooledMedium best = null;
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
            }
        }
        RecallWorker worker = best == null ? null : workers.get(best);
        if (worker == null) {
            finish(
                    object,
                    new UnreadableObjectException(
                            object.key.container(), object.key.object(), object.failures));
        } else {
            worker.queue.add(object);
            worker.wakeUp();
        }
    }

    private static void await(PendingObject object) throws IOException {
        try {
            if (!object.done.isDone()) {
                WaitPoint.enter();
            }
            object.done.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "interrupted while waiting for "
                            + object.key.container()
                            + " object "
                            + object.key.object());
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
            requestsDone++;
            for (PendingObject object : joined) {
                object.waiters--;
                if (object.waiters == 0 && !object.running && !object.done.isDone()) {
                    workers.values().forEach(worker -> worker.queue.remove(object));
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

    /** A worker has installed an object. */
    void succeeded(PendingObject object, int lengthBytes) {
        lock.lock();
        try {
            running--;
            objects++;
            bytes += lengthBytes;
            finish(object, null);
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
        workers.values().forEach(RecallWorker::join);
    }
}
