package io.arcfs.tier.recall;

import io.arcfs.posix.BufferPool;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from one medium, alone: takes a run of adjacent objects, reads it in slices, and hands each
 * slice to {@link RecallDelivery} as soon as it is in, so that the medium goes on while objects are
 * checked and written to the SSD.
 */
final class RecallWorker {
    private static final Logger LOG = LoggerFactory.getLogger(RecallWorker.class);
    private static final int RUN_OBJECTS = 16;

    /** Few enough that the first of a run is not kept waiting for the last. */
    private static final int SLICE_OBJECTS = 4;

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    final RecallQueue queue = new RecallQueue(); // guarded by the recaller's lock

    private final Recaller recaller;
    private final PooledMedium medium;
    private final BufferPool buffers;
    private final RecallDelivery delivery;
    private final Condition wanted;
    private final Thread thread;
    private final OpenPlace place; // confined to the thread
    private boolean unsettled; // confined to the thread

    RecallWorker(Recaller recaller, PooledMedium medium, int objectBytes) {
        this.recaller = recaller;
        this.medium = medium;
        this.buffers = new BufferPool((long) SLICE_OBJECTS * objectBytes, 4);
        this.delivery = new RecallDelivery(recaller, medium, buffers);
        this.place = new OpenPlace(medium);
        this.wanted = recaller.newCondition();
        this.thread =
                Thread.ofPlatform().daemon().name("recall " + medium.spec()).unstarted(this::run);
    }

    void start() {
        delivery.start();
        thread.start();
    }

    /** Lock held. */
    void wakeUp() {
        wanted.signal();
    }

    /** Waits for the thread to end; not forever for one whose medium does not answer. */
    void join() {
        boolean interrupted = false;
        long end = System.nanoTime() + CLOSE_PATIENCE.toNanos();
        while (thread.isAlive() && System.nanoTime() < end) {
            try {
                if (!thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
                    LOG.error("{} does not answer, its thread is left behind", medium);
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (!thread.isAlive()) {
            delivery.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (true) {
            List<PendingObject> run = next();
            if (!run.isEmpty()) {
                serveOrFail(run);
            } else {
                if (unsettled) {
                    place.close();
                    delivery.settle();
                    unsettled = false;
                }
                if (!awaitWork()) {
                    return;
                }
            }
        }
    }

    private void serveOrFail(List<PendingObject> run) {
        unsettled = true;
        try {
            serve(run);
        } catch (RuntimeException | Error e) {
            // A bug must not leave readers hanging: whoever is still waiting is told.
            LOG.error("recall from {} failed", medium, e);
            run.forEach(object -> recaller.failedOnSsd(object, new IOException("recall", e)));
        }
    }

    private List<PendingObject> next() {
        recaller.lock.lock();
        try {
            List<PendingObject> run =
                    queue.takeRun(RUN_OBJECTS, recaller.nanoTime(), medium.costs());
            recaller.markRunning(run);
            return run;
        } finally {
            recaller.lock.unlock();
        }
    }

    /** Returns false when it is time to end. */
    private boolean awaitWork() {
        recaller.lock.lock();
        try {
            while (queue.isEmpty()) {
                if (recaller.isClosed()) {
                    return false;
                }
                wanted.awaitUninterruptibly();
            }
            return true;
        } finally {
            recaller.lock.unlock();
        }
    }

    private void serve(List<PendingObject> run) {
        ObjectTable objects;
        try {
            objects = run.getFirst().target.objects();
        } catch (IOException e) {
            run.forEach(object -> recaller.failedOnSsd(object, e));
            return;
        }
        for (int from = 0; from < run.size(); from += SLICE_OBJECTS) {
            List<PendingObject> slice =
                    run.subList(from, Math.min(from + SLICE_OBJECTS, run.size()));
            if (!readSlice(slice, objects)) {
                // One by one, to find out which of them the medium cannot give.
                slice.forEach(object -> readAlone(object, objects));
            }
        }
    }

    private boolean readSlice(List<PendingObject> slice, ObjectTable objects) {
        int last = slice.getLast().key.object();
        long start = objects.offset(slice.getFirst().key.object());
        long length = objects.offset(last) + objects.length(last) - start;
        MemorySegment buffer = buffers.take();
        try {
            place.read(placeOf(slice.getFirst()), start, buffer.asSlice(0, length));
        } catch (IOException e) {
            LOG.debug("{}: {} objects failed, reading singly", medium, slice.size(), e);
            buffers.give(buffer);
            return false;
        }
        delivery.deliver(slice, objects, buffer);
        return true;
    }

    private void readAlone(PendingObject object, ObjectTable objects) {
        int index = object.key.object();
        MemorySegment buffer = buffers.take();
        try {
            place.read(
                    placeOf(object),
                    objects.offset(index),
                    buffer.asSlice(0, objects.length(index)));
        } catch (IOException e) {
            buffers.give(buffer);
            medium.failed(e);
            recaller.failedOn(medium, object, String.valueOf(e.getMessage()));
            return;
        }
        delivery.deliver(List.of(object), objects, buffer);
    }

    private String placeOf(PendingObject object) throws IOException {
        UUID id = medium.id().orElse(null);
        for (Placement placement : object.target.placements()) {
            if (placement.medium().equals(id)) {
                return placement.place();
            }
        }
        throw new IOException(object.key.container() + " is not on this medium");
    }
}
