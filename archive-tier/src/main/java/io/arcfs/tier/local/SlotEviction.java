package io.arcfs.tier.local;

import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.head.HeadCache;
import io.arcfs.tier.ssd.CacheFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops SSD bytes of a container, as far as {@link EvictionPolicy} allows: heads are packed first,
 * then the catalog says EVICTED, then bytes go. Nobody uses the cache file meanwhile: {@code life}
 * is held exclusively. Thread-safe.
 */
final class SlotEviction {
    private static final Logger LOG = LoggerFactory.getLogger(SlotEviction.class);

    private final SlotState state;

    SlotEviction(SlotState state) {
        this.state = state;
    }

    /** Drops everything that may go; returns the bytes freed. */
    long evictAll() throws IOException {
        state.life.writeLock().lock();
        try {
            if (!state.ssd.exists() || !state.context.eviction().evictable(state.row())) {
                return 0;
            }
            BitSet all = new BitSet();
            all.set(0, state.objects().count());
            BitSet going = state.context.eviction().mayGo(state.row(), all);
            if (going.cardinality() < all.cardinality()) {
                return drop(going);
            }
            if (state.context.heads().isNoted(state.id)) {
                CacheFile here = state.loadedExclusively();
                if (here != null) {
                    packHeads(here);
                }
            }
            long freed = state.context.ssd().allocatedBytes(state.id);
            state.becomeEvicted();
            state.ssd.remove();
            return freed;
        } finally {
            state.life.writeLock().unlock();
        }
    }

    /** Drops some objects if they may go; returns the bytes freed. */
    long evict(BitSet objects) throws IOException {
        state.life.writeLock().lock();
        try {
            return drop(state.context.eviction().mayGo(state.row(), objects));
        } finally {
            state.life.writeLock().unlock();
        }
    }

    private long drop(BitSet going) throws IOException {
        CacheFile here = going.isEmpty() ? null : state.loadedExclusively();
        if (here == null) {
            return 0;
        }
        ObjectTable objects = state.objects();
        if (!SsdCopy.holdsAny(here, going, objects.count())) {
            return 0;
        }
        packHeads(here);
        state.becomeEvicted();
        long freed = state.ssd.drop(here, going, objects);
        BitSet all = new BitSet();
        all.set(0, objects.count());
        if (SsdCopy.holdsAny(here, all, objects.count())) {
            here.writeHints();
        } else {
            state.ssd.remove();
        }
        return freed;
    }

    /** Heads that cannot be kept cost a recall some day; they keep nothing from being evicted. */
    private void packHeads(CacheFile here) {
        try {
            state.context.heads().store(state.id, new Packing(here));
        } catch (IOException e) {
            LOG.warn("{}: its heads are not kept: {}", state.id, e.getMessage());
        }
    }

    private final class Packing implements HeadCache.Source {
        private final CacheFile here;

        Packing(CacheFile here) {
            this.here = here;
        }

        @Override
        public boolean has(long offset, long length) {
            return offset + length <= state.usedBlocksEnd()
                    && here.arePresent(state.objectAt(offset), state.objectAt(offset + length - 1));
        }

        @Override
        public void read(long offset, MemorySegment target) throws IOException {
            if (here.read(offset, target) >= 0) {
                throw new IOException(state.id + ": damaged on the SSD at " + offset);
            }
        }
    }
}
