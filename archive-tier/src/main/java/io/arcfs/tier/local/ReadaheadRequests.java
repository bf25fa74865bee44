package io.arcfs.tier.local;

import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.medium.AccessCosts;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import io.arcfs.tier.recall.Readahead;
import io.arcfs.tier.recall.Recaller;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what a readahead wants of the device into objects of containers. Thread-safe. */
final class ReadaheadRequests implements Readahead.Requester {
    private static final Logger LOG = LoggerFactory.getLogger(ReadaheadRequests.class);

    private final Geometry geometry;
    private final SlotTable slots;
    private final MediaPool pool;
    private final Recaller recaller;

    ReadaheadRequests(Geometry geometry, SlotTable slots, MediaPool pool, Recaller recaller) {
        this.geometry = geometry;
        this.slots = slots;
        this.pool = pool;
        this.recaller = recaller;
    }

    /** What touching the medium of a container takes. */
    AccessCosts costsOf(int container) {
        ContainerSlot slot = slots.get(container);
        if (slot != null) {
            for (Placement placement : slot.placements()) {
                AccessCosts costs =
                        pool.byId(placement.medium()).map(PooledMedium::costs).orElse(null);
                if (costs != null) {
                    return costs;
                }
            }
        }
        return AccessCosts.HARD_DISK;
    }

    @Override
    public void want(long from, long to, LongUnaryOperator deadlineNanos) {
        Map<Integer, BitSet> touched =
                CoveredObjects.touching(
                        List.of(new DeviceExtent(from, to - from)), geometry, this::usedEnd);
        touched.forEach((container, objects) -> {
            ContainerSlot slot = slots.get(container);
            if (slot != null) {
                want(slot, objects, deadlineNanos);
            }
        });
    }

    private void want(ContainerSlot slot, BitSet objects, LongUnaryOperator deadlineNanos) {
        long start = geometry.containerStart(slot.id().number());
        try {
            recaller.want(
                    slot,
                    slot.missing(objects.stream().toArray()),
                    object ->
                            deadlineNanos.applyAsLong(
                                    start + (long) object * geometry.objectBytes()));
        } catch (IOException e) {
            // Whoever reads it will hear of it.
            LOG.debug("{}: no readahead", slot.id(), e);
        }
    }

    private long usedEnd(int container) {
        ContainerSlot slot = slots.get(container);
        return slot == null ? 0 : slot.usedBlocksEnd();
    }
}
