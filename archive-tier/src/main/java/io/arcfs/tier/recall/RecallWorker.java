package io.arcfs.tier.recall;

import io.arcfs.posix.BufferPool;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from one medium, alone: takes a run of adjacent objects, reads it in one go, checks each
 * object and hands it to its container. Nothing that fails its checksum is handed on.
 */
final class RecallWorker {
    private static final Logger LOG = LoggerFactory.getLogger(RecallWorker.class);
    private static final int RUN_OBJECTS = 16;

    final RecallQueue queue = new RecallQueue(); // guarded by the recaller's lock

    private final Recaller recaller;
    private final PooledMedium medium;
    private final BufferPool buffers;
    private final Condition wanted;
    private final Set<RecallTarget> unsettled = new HashSet<>(); // confined to the thread
    private final Thread thread;

    RecallWorker(Recaller recaller, PooledMedium medium, int objectBytes) {
        this.recaller = recaller;
        this.medium = medium;
        this.buffers = new BufferPool((long) RUN_OBJECTS * objectBytes, 1);
        this.wanted = recaller.newCondition();
        this.thread =
                Thread.ofPlatform().daemon().name("recall " + medium.spec()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Lock held. */
    void wakeUp() {
        wanted.signal();
    }

    void join() {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (true) {
            List<PendingObject> run = next();
            if (run.isEmpty()) {
                settle();
                if (!awaitWork()) {
                    return;
                }
            } else {
                MemorySegment buffer = buffers.take();
                try {
                    serve(run, buffer);
                } catch (RuntimeException | Error e) {
                    // A bug must not leave readers hanging: whoever is still waiting is told.
                    LOG.error("recall from {} failed", medium, e);
                    for (PendingObject object : run) {
                        if (!object.done.isDone()) {
                            recaller.failedOnSsd(object, new IOException("recall failed", e));
                        }
                    }
                } finally {
                    buffers.give(buffer);
                }
            }
        }
    }

    private List<PendingObject> next() {
        recaller.lock.lock();
        try {
            List<PendingObject> run = queue.takeRun(RUN_OBJECTS);
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

    private void settle() {
        unsettled.forEach(RecallTarget::settled);
        if (!unsettled.isEmpty()) {
            unsettled.clear();
            recaller.settled();
        }
    }

    private void serve(List<PendingObject> run, MemorySegment buffer) {
        RecallTarget target = run.getFirst().target;
        unsettled.add(target);
        ObjectTable objects;
        try {
            objects = target.objects();
        } catch (IOException e) {
            run.forEach(object -> recaller.failedOnSsd(object, e));
            return;
        }
        if (run.size() > 1 && readRun(run, objects, buffer)) {
            long at = 0;
            for (PendingObject object : run) {
                int length = objects.length(object.key.object());
                deliver(object, objects, buffer.asSlice(at, length));
                at += length;
            }
        } else {
            // Alone, or one by one to find out which of them the medium cannot give.
            for (PendingObject object : run) {
                readAlone(object, objects, buffer);
            }
        }
    }

    private boolean readRun(List<PendingObject> run, ObjectTable objects, MemorySegment buffer) {
        int first = run.getFirst().key.object();
        int last = run.getLast().key.object();
        long length = objects.offset(last) + objects.length(last) - objects.offset(first);
        try {
            medium.open()
                    .read(
                            placeOf(run.getFirst()),
                            objects.offset(first),
                            buffer.asSlice(0, length));
            return true;
        } catch (IOException e) {
            LOG.debug("{}: a run of {} objects failed, reading singly", medium, run.size(), e);
            return false;
        }
    }

    private void readAlone(PendingObject object, ObjectTable objects, MemorySegment buffer) {
        int index = object.key.object();
        MemorySegment bytes = buffer.asSlice(0, objects.length(index));
        try {
            medium.open().read(placeOf(object), objects.offset(index), bytes);
        } catch (IOException e) {
            medium.failed(e);
            recaller.failedOn(medium, object, String.valueOf(e.getMessage()));
            return;
        }
        deliver(object, objects, bytes);
    }

    private void deliver(PendingObject object, ObjectTable objects, MemorySegment bytes) {
        int index = object.key.object();
        medium.objectsRead.incrementAndGet();
        int crc = Checksums.crc32c(bytes);
        if (crc != objects.crc(index)) {
            String what =
                    String.format(
                            "%s object %d is damaged (CRC32C %08x, footer says %08x)",
                            object.key.container(), index, crc, objects.crc(index));
            LOG.warn("{}: {}", medium, what);
            medium.gaveWrongBytes(what);
            recaller.failedOn(medium, object, what);
            return;
        }
        try {
            object.target.install(index, bytes);
        } catch (IOException e) {
            recaller.failedOnSsd(object, e);
            return;
        }
        recaller.succeeded(object, objects.length(index));
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
