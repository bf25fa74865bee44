package io.arcfs.tier.local;

import io.arcfs.posix.BufferPool;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import io.arcfs.tier.recall.RecallTarget;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the media past the SSD, when the SSD has no room to recall into: slower than a recall,
 * and better than an error. Objects are checked as in a recall. Thread-safe.
 */
final class UncachedReader {
    private final Geometry geometry;
    private final MediaPool pool;
    private final Function<PooledMedium, AtomicLong> counter;
    private final BufferPool buffers;

    /**
     * @param counter where objects read are counted
     */
    UncachedReader(Geometry geometry, MediaPool pool, Function<PooledMedium, AtomicLong> counter) {
        this.geometry = geometry;
        this.counter = counter;
        this.pool = pool;
        this.buffers = new BufferPool(geometry.objectBytes(), 4);
    }

    /** Whether a recall failed because the SSD is full. */
    static boolean isFor(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PosixException posix) {
                return posix.errno() == Errno.ENOSPC || posix.errno() == Errno.EDQUOT;
            }
        }
        return false;
    }

    /** Fills the target with bytes of the container's used area. */
    void read(RecallTarget container, long within, MemorySegment target) throws IOException {
        ObjectTable objects = container.objects();
        MemorySegment buffer = buffers.take();
        try {
            for (long done = 0; done < target.byteSize(); ) {
                int object = Math.toIntExact((within + done) / geometry.objectBytes());
                MemorySegment bytes = buffer.asSlice(0, objects.length(object));
                fetch(container, objects, object, bytes);
                long into = within + done - objects.offset(object);
                long count = Math.min(bytes.byteSize() - into, target.byteSize() - done);
                MemorySegment.copy(bytes, into, target, done, count);
                done += count;
            }
        } finally {
            buffers.give(buffer);
        }
    }

    private void fetch(RecallTarget container, ObjectTable objects, int object, MemorySegment bytes)
            throws IOException {
        @Nullable IOException last = null;
        for (Placement placement : container.placements()) {
            Optional<PooledMedium> medium = pool.byId(placement.medium());
            if (medium.isEmpty()) {
                continue;
            }
            try {
                medium.get().open().read(placement.place(), objects.offset(object), bytes);
                counter.apply(medium.get()).incrementAndGet();
            } catch (IOException e) {
                last = e;
                continue;
            }
            if (Checksums.crc32c(bytes) == objects.crc(object)) {
                return;
            }
            medium.get().gaveWrongBytes(container.id() + " object " + object + " is damaged");
        }
        throw last != null
                ? last
                : new IOException(container.id() + " object " + object + ": no medium gives it");
    }
}
