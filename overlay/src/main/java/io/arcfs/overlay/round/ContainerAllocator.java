package io.arcfs.overlay.round;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.catalog.Catalog;
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
    private final Tier tier;
    private final Geometry geometry;
    private final TreeMap<Integer, ContainerRecord> containers = new TreeMap<>();
    private final List<ContainerId> opened = new ArrayList<>();

    private ContainerAllocator(Tier tier) {
        this.tier = tier;
        this.geometry = tier.geometry();
    }

    static ContainerAllocator open(Catalog catalog, Tier tier) throws IOException {
        ContainerAllocator allocator = new ContainerAllocator(tier);
        for (ContainerRecord container : catalog.containers()) {
            allocator.containers.put(container.id().number(), container);
        }
        return allocator;
    }

    /**
     * Address of a free range of that length, rounded up to blocks, inside one container's data
     * area.
     */
    long allocate(long lengthBytes) throws IOException {
        long length = geometry.roundUpToBlock(lengthBytes);
        for (ContainerRecord container : containers.values()) {
            if (!container.closed()
                    && geometry.dataEnd(container.id().number()) - container.usedEnd() >= length) {
                return take(container, length);
            }
        }
        return take(openNext(), length);
    }

    private long take(ContainerRecord container, long length) {
        containers.put(
                container.id().number(),
                new ContainerRecord(container.id(), container.usedEnd() + length, false));
        return container.usedEnd();
    }

    private ContainerRecord openNext() throws IOException {
        int number = containers.isEmpty() ? 0 : containers.lastKey() + 1;
        if (number >= geometry.containers()) {
            throw new FsException(Reason.NO_SPACE, "all " + number + " containers are used");
        }
        ContainerId id = new ContainerId(number, 1);
        tier.control().open(id);
        opened.add(id);
        ContainerRecord container =
                new ContainerRecord(id, geometry.firstDataAddress(number), false);
        containers.put(number, container);
        return container;
    }

    /** The container and sequence that an address belongs to. */
    ContainerId containerOf(long address) {
        ContainerRecord container = containers.get(geometry.containerOf(address));
        if (container == null) {
            throw new IllegalStateException("address " + address + " lies in no container in use");
        }
        return container.id();
    }

    /**
     * Closes every open container but the newest: a round opens the next when the last one is full.
     */
    void closeFull() {
        List<ContainerRecord> open = openContainers();
        for (ContainerRecord container : open.subList(0, Math.max(0, open.size() - 1))) {
            close(container);
        }
    }

    /** Closes every open container that holds anything. */
    void closeAll() {
        for (ContainerRecord container : openContainers()) {
            if (container.usedEnd() > geometry.firstDataAddress(container.id().number())) {
                close(container);
            }
        }
    }

    private void close(ContainerRecord container) {
        containers.put(
                container.id().number(),
                new ContainerRecord(container.id(), container.usedEnd(), true));
    }

    private List<ContainerRecord> openContainers() {
        return containers.values().stream().filter(c -> !c.closed()).toList();
    }

    void store(CatalogBatch batch) throws IOException {
        for (ContainerRecord container : containers.values()) {
            batch.putContainer(container);
        }
    }

    /** Gives back what the tier opened for a round that failed. */
    void abandon() throws IOException {
        for (ContainerId container : opened) {
            tier.control().discard(container);
        }
    }
}
