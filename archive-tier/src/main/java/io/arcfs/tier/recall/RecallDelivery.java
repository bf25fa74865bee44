package io.arcfs.tier.recall;

import io.arcfs.posix.BufferPool;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The second half of a medium's recalls: checks what was read, object by object, and hands it to
 * its container. Nothing that fails its checksum is handed on. One thread per medium; {@link
 * #deliver} waits when it falls behind.
 */
final class RecallDelivery {
    private static final Logger LOG = LoggerFactory.getLogger(RecallDelivery.class);

    /** Slices read but not yet delivered. */
    private static final int DEPTH = 2;

    private final Recaller recaller;
    private final PooledMedium medium;
    private final BufferPool buffers;
    private final ArrayBlockingQueue<Runnable> slices = new ArrayBlockingQueue<>(DEPTH);
    private final Set<RecallTarget> unsettled = new HashSet<>(); // confined to the thread
    private final Thread thread;
    private boolean ended; // confined to the thread

    RecallDelivery(Recaller recaller, PooledMedium medium, BufferPool buffers) {
        this.recaller = recaller;
        this.medium = medium;
        this.buffers = buffers;
        this.thread =
                Thread.ofPlatform().daemon().name("recalled " + medium.spec()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Takes over the buffer; its first bytes are those of the objects, one after the other. */
    void deliver(List<PendingObject> objects, ObjectTable table, MemorySegment buffer) {
        List<PendingObject> own = List.copyOf(objects);
        put(() -> {
            try {
                long at = 0;
                for (PendingObject object : own) {
                    int length = table.length(object.key.object());
                    deliverOne(object, table, buffer.asSlice(at, length));
                    at += length;
                }
            } catch (RuntimeException | Error e) {
                // A bug must not leave readers hanging: whoever is still waiting is told.
                LOG.error("recall from {} failed", medium, e);
                own.forEach(object -> recaller.failedOnSsd(object, new IOException("recall", e)));
            } finally {
                buffers.give(buffer);
            }
        });
    }

    /** When all before is delivered: nothing more is waiting just now. */
    void settle() {
        put(() -> {
            unsettled.forEach(RecallTarget::settled);
            unsettled.clear();
            recaller.settled();
        });
    }

    /** Returns when everything is delivered. */
    void close() {
        put(() -> ended = true);
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

    private void put(Runnable task) {
        boolean interrupted = false;
        while (true) {
            try {
                slices.put(task);
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
        while (!ended) {
            try {
                slices.take().run();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread; it is ended by close().
                LOG.debug("interrupted", e);
            } catch (RuntimeException e) {
                LOG.error("recall from {} failed", medium, e);
            }
        }
    }

    private void deliverOne(PendingObject object, ObjectTable objects, MemorySegment bytes) {
        unsettled.add(object.target);
        int index = object.key.object();
        medium.objectsRead.incrementAndGet();
        int crc = Checksums.crc32c(bytes);
        if (crc != objects.crc(index)) {
            String what =
                    String.format(
                            Locale.ROOT,
                            "%s object %d is damaged (CRC32C %08x, footer says %08x)",
                            object.key.container(),
                            index,
                            crc,
                            objects.crc(index));
            LOG.warn("{}: {}", medium, what);
            medium.gaveWrongBytes(what);
            recaller.failedOn(medium, object, what);
            recaller.damaged(object.key.container(), medium);
            return;
        }
        recaller.read(object.key.container(), medium, index, objects.count());
        try {
            object.target.install(index, bytes);
        } catch (IOException e) {
            recaller.failedOnSsd(object, e);
            return;
        }
        recaller.succeeded(object, objects.length(index));
    }
}
