package io.arcfs.tier.local;

import io.arcfs.tier.ContainerId;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers in use, by number. Keeps the checksums of the most recently used ones in memory
 * and lets go of the others. Thread-safe.
 */
final class SlotTable {
    private static final Logger LOG = LoggerFactory.getLogger(SlotTable.class);

    /** About 8 MB of checksums at the default geometry. */
    private static final int MOST_LOADED = 16;

    private final ConcurrentSkipListMap<Integer, ContainerSlot> byNumber =
            new ConcurrentSkipListMap<>();
    private final SlotContext context;

    SlotTable(SlotContext context) {
        this.context = context;
    }

    @Nullable ContainerSlot get(int number) {
        return byNumber.get(number);
    }

    @Nullable ContainerSlot get(ContainerId id) {
        ContainerSlot slot = byNumber.get(id.number());
        return slot != null && slot.id().equals(id) ? slot : null;
    }

    void put(ContainerSlot slot) {
        byNumber.put(slot.id().number(), slot);
    }

    void remove(ContainerSlot slot) {
        byNumber.remove(slot.id().number(), slot);
    }

    Collection<ContainerSlot> all() {
        return byNumber.values();
    }

    /** Least recently used first. They are used meanwhile: each time is read once. */
    List<ContainerSlot> byLastUse() {
        record Used(ContainerSlot slot, long nanos) {}
        return byNumber.values().stream()
                .map(slot -> new Used(slot, slot.lastUseNanos()))
                .sorted(Comparator.comparingLong(Used::nanos))
                .map(Used::slot)
                .toList();
    }

    /** Unloads idle containers when too many are loaded. */
    void trim() {
        if (context.loadedCaches().get() <= MOST_LOADED) {
            return;
        }
        for (ContainerSlot slot : byLastUse()) {
            if (context.loadedCaches().get() <= MOST_LOADED / 2) {
                return;
            }
            try {
                slot.unload();
            } catch (IOException e) {
                LOG.warn("{}: {}", slot.id(), e.getMessage());
            }
        }
    }
}
