package io.arcfs.tier.local;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.container.FooterWriter;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.ssd.CacheFile;
import java.io.IOException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A container's cache file as its slot keeps it: there or not, loaded or not. Guarded by the slot's
 * {@code life} lock: shared to look and to use what {@link #loaded} gives, exclusive for the rest.
 */
final class SsdCopy {
    private final SlotContext context;
    private final ContainerId id;
    private @Nullable CacheFile cache;
    private boolean exists;

    SsdCopy(SlotContext context, ContainerId id) {
        this.context = context;
        this.id = id;
    }

    /** Whether there are files. */
    boolean exists() {
        return exists;
    }

    /** The cache file if it is open, with its checksums in memory. */
    @Nullable CacheFile loaded() {
        return cache;
    }

    /** Looks for a data file and its checksums; half of a pair does not count. */
    boolean lookForBoth() {
        exists = context.ssd().holds(id);
        return exists;
    }

    /** Looks for a data file, which {@link #recover} can use without its checksums. */
    boolean lookForData() {
        exists = context.ssd().holdsData(id);
        return exists;
    }

    void createForWriting() throws IOException {
        adopt(CacheFile.createForWriting(context.ssd(), context.volume(), id, context.geometry()));
    }

    void createForRecall() throws IOException {
        adopt(CacheFile.createForRecall(context.ssd(), context.volume(), id, context.geometry()));
    }

    CacheFile load() throws IOException {
        return adopt(CacheFile.open(context.ssd(), context.volume(), id, context.geometry()));
    }

    /** Loads data whose checksums are gone or damaged. */
    void recover(ObjectTable objects) throws IOException {
        adopt(CacheFile.recover(context.ssd(), context.volume(), id, context.geometry(), objects));
    }

    private CacheFile adopt(CacheFile opened) {
        cache = opened;
        exists = true;
        context.loadedCaches().incrementAndGet();
        return opened;
    }

    /** Puts the footer behind the data and forces everything. */
    void finish(CacheFile here, byte[] footer) throws IOException {
        here.flush();
        here.writeMetadataArea(footer, FooterWriter.encodeTail(context.geometry()));
    }

    /** Drops these objects as far as they are here; returns their bytes. */
    long drop(CacheFile here, BitSet objects, ObjectTable table) throws IOException {
        long freed = 0;
        for (int object = objects.nextSetBit(0);
                object >= 0 && object < table.count();
                object = objects.nextSetBit(object + 1)) {
            if (here.isPresent(object)) {
                here.drop(object, table.offset(object), table.length(object));
                freed += table.length(object);
            }
        }
        return freed;
    }

    /** Whether one of the objects that {@code wanted} names is here. */
    static boolean holdsAny(CacheFile here, BitSet wanted, int count) {
        return wanted.stream().anyMatch(object -> object < count && here.isPresent(object));
    }

    /**
     * Closes the cache file; what is written stays.
     *
     * @param open of an open container: its checksums never get ahead of its bytes
     */
    void unload(boolean open) throws IOException {
        CacheFile here = cache;
        if (here == null) {
            return;
        }
        release();
        try (here) {
            if (open) {
                here.flush();
            } else {
                here.writeHints();
            }
        }
    }

    /** Removes the files, and whatever half of them is left. */
    void remove() throws IOException {
        CacheFile here = cache;
        try {
            if (here != null) {
                release();
                here.close();
            }
            context.ssd().remove(id);
        } finally {
            exists = context.ssd().holds(id);
        }
    }

    private void release() {
        cache = null;
        context.loadedCaches().decrementAndGet();
    }
}
