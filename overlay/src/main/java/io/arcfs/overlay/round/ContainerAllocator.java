package io.arcfs.overlay.round;

import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Tier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Gives device addresses to one round: first fit in the open containers, then a new one. Nothing
 * counts until {@link #store} is committed; a round that fails leaves addresses that the next one
 * uses again (A2).
 *
 * <p>Confined to the round that made it.
 */
final class ContainerAllocator {
    private final Allocations shared;
    private final Geometry geometry;
    private final TreeMap<Integer, ContainerRecord> mine = new TreeMap<>();

    ContainerAllocator(Allocations shared, Tier tier) {
        this.shared = shared;
        this.geometry = tier.geometry();
    }

    /**
     * Address of a free range of that length, rounded up to blocks, inside one container's data
     * area.
     */
    long allocate(long lengthBytes) throws IOException {
        long length = geometry.roundUpToBlock(lengthBytes);
        for (ContainerRecord container : mine.values()) {
            if (shared.room(container) >= length) {
                return take(container, length);
            }
        }
        ContainerRecord open = shared.lease(length);
        if (open == null) {
            open = shared.leaseNew();
            if (shared.room(open) < length) {
                // The device's first container lacks its beginning; it is kept for what is smaller.
                mine.put(open.id().number(), open);
                open = shared.leaseNew();
            }
        }
        return take(open, length);
    }

    private long take(ContainerRecord container, long length) {
        mine.put(
                container.id().number(),
                new ContainerRecord(container.id(), container.usedEnd() + length, false));
        return container.usedEnd();
    }

    /** The container and sequence that an address belongs to. */
    ContainerId containerOf(long address) {
        int number = geometry.containerOf(address);
        ContainerRecord container = mine.get(number);
        if (container == null) {
            container = shared.get(number);
        }
        if (container == null) {
            throw new IllegalStateException("address " + address + " lies in no container in use");
        }
        return container.id();
    }

    /**
     * Closes every container it wrote to but the newest: a round opens the next when the last one
     * is full.
     */
    void closeFull() {
        List<ContainerRecord> open =
                mine.values().stream().filter(c -> !c.closed() && isUsed(c)).toList();
        for (ContainerRecord container : open.subList(0, Math.max(0, open.size() - 1))) {
            close(container);
        }
    }

    /** Closes every open container that holds anything and that no other round works in. */
    void closeAll() {
        for (ContainerRecord container : shared.leaseOpen()) {
            mine.put(container.id().number(), container);
        }
        for (ContainerRecord container : new ArrayList<>(mine.values())) {
            if (isUsed(container)) {
                close(container);
            }
        }
    }

    private boolean isUsed(ContainerRecord container) {
        return container.usedEnd() > geometry.firstDataAddress(container.id().number());
    }

    private void close(ContainerRecord container) {
        mine.put(
                container.id().number(),
                new ContainerRecord(container.id(), container.usedEnd(), true));
    }

    void store(CatalogBatch batch) throws IOException {
        for (ContainerRecord container : mine.values()) {
            batch.putContainer(container);
        }
    }

    /** What was stored is committed. */
    void committed() {
        shared.committed(mine.values());
        mine.clear();
    }

    /** Gives back what it took, unless it is committed. */
    void abandon() throws IOException {
        shared.abandoned(mine.values());
        mine.clear();
    }
}
