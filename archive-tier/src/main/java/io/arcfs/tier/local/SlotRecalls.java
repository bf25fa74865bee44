package io.arcfs.tier.local;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.ssd.CacheFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes objects that came from a medium into a container's cache file. Thread-safe. */
final class SlotRecalls {
    private static final Logger LOG = LoggerFactory.getLogger(SlotRecalls.class);

    private final SlotState state;

    SlotRecalls(SlotState state) {
        this.state = state;
    }

    /** Installs checked objects that follow each other. */
    void install(int firstObject, int objects, MemorySegment bytes, int[] blockCrcs)
            throws IOException {
        state.used();
        long offset = state.objects().offset(firstObject);
        while (true) {
            CacheFile here = state.lockLoaded();
            try {
                if (here != null) {
                    here.install(firstObject, objects, offset, bytes, blockCrcs);
                    return;
                }
            } finally {
                state.life.readLock().unlock();
            }
            createForRecall();
        }
    }

    private void createForRecall() throws IOException {
        state.life.writeLock().lock();
        try {
            if (!state.onMedia() || state.isForgotten()) {
                throw state.lostException();
            }
            if (!state.ssd.exists()) {
                state.ssd.createForRecall();
            }
        } finally {
            state.life.writeLock().unlock();
        }
    }

    /** Nothing more is coming for now. */
    void settled() {
        try {
            CacheFile here = state.lockLoaded();
            boolean whole;
            try {
                if (here == null) {
                    return;
                }
                whole = isWholeAgain(here);
                if (whole) {
                    // Takes its time, so readers go on meanwhile.
                    here.forceAll(state.context.ssd());
                } else {
                    here.writeHints();
                }
            } finally {
                state.life.readLock().unlock();
            }
            if (whole) {
                becomeWhole();
            }
        } catch (IOException e) {
            LOG.warn("{}: what was recalled may be recalled again: {}", state.id, e.getMessage());
        }
    }

    private boolean isWholeAgain(CacheFile here) throws IOException {
        return state.state() == ContainerState.EVICTED && here.allPresent(state.objects().count());
    }

    /** EVICTED to COLD: everything is back. */
    private void becomeWhole() throws IOException {
        state.life.writeLock().lock();
        try {
            CacheFile here = state.ssd.loaded();
            if (here == null || !isWholeAgain(here)) {
                return;
            }
            state.ssd.finish(here, state.footerBytes());
            state.put(state.row().in(ContainerState.COLD));
            Failpoint.RECALL_WHOLE.reach();
            state.context.problems().clear(state.id.toString());
        } finally {
            state.life.writeLock().unlock();
        }
    }
}
