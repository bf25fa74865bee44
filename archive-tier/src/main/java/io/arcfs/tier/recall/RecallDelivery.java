package io.arcfs.tier.recall;

import io.arcfs.posix.BufferPool;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.JoinedCrc32c;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.medium.PooledMedium;
import io.arcfs.tier.ssd.Page;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
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

    private static final JoinedCrc32c JOINED = new JoinedCrc32c(Page.BYTES);

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
                deliverAll(own, table, buffer);
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
            recaller.settled(unsettled);
            unsettled.clear();
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

    /** Checks the objects and hands on the right ones, as many at once as follow each other. */
    private void deliverAll(List<PendingObject> objects, ObjectTable table, MemorySegment buffer) {
        PendingObject first = objects.getFirst();
        unsettled.add(first.target);
        long start = table.offset(first.key.object());
        int last = objects.getLast().key.object();
        MemorySegment bytes = buffer.asSlice(0, table.offset(last) + table.length(last) - start);
        int[] crcs = Checksums.crc32cOfBlocks(bytes, Page.BYTES);
        int right = 0; // so many before i are right and wait to be installed
        for (int i = 0; i < objects.size(); i++) {
            PendingObject object = objects.get(i);
            medium.objectsRead.incrementAndGet();
            int index = object.key.object();
            int from = block(table.offset(index) - start);
            int crc = JOINED.of(crcs, from, from + block(table.length(index)));
            if (crc == table.crc(index)) {
                recaller.read(object.key.container(), medium, index, table.count());
                right++;
            } else {
                install(objects.subList(i - right, i), table, bytes, start, crcs);
                right = 0;
                refuse(object, table, crc);
            }
        }
        install(objects.subList(objects.size() - right, objects.size()), table, bytes, start, crcs);
    }

    private static int block(long bytes) {
        return Math.toIntExact(bytes / Page.BYTES);
    }

    private void refuse(PendingObject object, ObjectTable table, int crc) {
        int index = object.key.object();
        String what =
                String.format(
                        Locale.ROOT,
                        "%s object %d is damaged (CRC32C %08x, footer says %08x)",
                        object.key.container(),
                        index,
                        crc,
                        table.crc(index));
        LOG.warn("{}: {}", medium, what);
        medium.gaveWrongBytes(what);
        recaller.failedOn(medium, object, what);
        recaller.damaged(object.key.container(), medium);
    }

    /**
     * @param bytes those of the whole slice, which begins at {@code start} in the container
     * @param crcs of the slice's blocks
     */
    private void install(
            List<PendingObject> objects,
            ObjectTable table,
            MemorySegment bytes,
            long start,
            int[] crcs) {
        if (objects.isEmpty()) {
            return;
        }
        PendingObject first = objects.getFirst();
        int last = objects.getLast().key.object();
        long from = table.offset(first.key.object()) - start;
        long to = table.offset(last) + table.length(last) - start;
        try {
            first.target.install(
                    first.key.object(),
                    objects.size(),
                    bytes.asSlice(from, to - from),
                    Arrays.copyOfRange(crcs, block(from), block(to)));
        } catch (IOException e) {
            objects.forEach(object -> recaller.failedOnSsd(object, e));
            return;
        }
        recaller.succeeded(objects, to - from);
    }
}
