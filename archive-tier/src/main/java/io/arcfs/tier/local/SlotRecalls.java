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

    /** Installs a checked object. */
    void install(int object, MemorySegment bytes) throws IOException {
        state.used();
        long offset = state.objects().offset(object);
        while (true) {
            CacheFile here = state.lockLoaded();
            try {
                if (here != null) {
                    here.install(object, offset, bytes);
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
            if (!state.onMedia()) {
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
                here.writeHints();
                whole =
                        state.state() == ContainerState.EVICTED
                                && here.allPresent(state.objects().count());
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

    /** EVICTED to COLD: everything is back. */
    private void becomeWhole() throws IOException {
        state.life.writeLock().lock();
        try {
            CacheFile here = state.ssd.loaded();
            if (here == null
                    || state.state() != ContainerState.EVICTED
                    || !here.allPresent(state.objects().count())) {
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
