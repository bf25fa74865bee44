package io.arcfs.tier.local;

import io.arcfs.tier.ContainerState;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.catalog.Placement;
import java.util.BitSet;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The one place that decides whether SSD bytes of a container may go. Immutable, but for the pins.
 *
 * @param copies how many distinct media must hold it, verified
 * @param inPool whether a medium still belongs to the volume
 */
record EvictionPolicy(int copies, Predicate<UUID> inPool, Pins pins) {
    /** A row is always of the container's current sequence; its placements are verified copies. */
    boolean evictable(ContainerRow row) {
        boolean cold = row.state() == ContainerState.COLD || row.state() == ContainerState.EVICTED;
        long verified =
                row.placements().stream().map(Placement::medium).filter(inPool).distinct().count();
        return cold && verified >= copies;
    }

    /**
     * Which of these objects may go. The caller keeps readers out until they are gone, and packs
     * the heads in them before.
     */
    BitSet mayGo(ContainerRow row, BitSet objects) {
        BitSet going = new BitSet();
        if (evictable(row)) {
            going.or(objects);
            going.andNot(pins.objects(row.id()));
        }
        return going;
    }
}
