package io.arcfs.overlay.round;

import io.arcfs.device.BlockDevice;
import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Tier;
import io.arcfs.tier.TierControl;
import io.arcfs.tier.TierMaintenance;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Containers that the catalog has given out and the tier does not have: lost media, or a tier
 * catalog of another time. The device answers their addresses with zeros, as it does all that was
 * never written; files must get an error instead. Immutable.
 */
public final class LostContainers {
    private final Map<Integer, ContainerId> lost;

    private LostContainers(Map<Integer, ContainerId> lost) {
        this.lost = lost;
    }

    public static LostContainers find(Catalog catalog, Tier tier) throws IOException {
        Map<Integer, ContainerId> lost = new TreeMap<>();
        Map<ContainerId, ContainerState> there = tier.control().containers();
        for (ContainerRecord container : catalog.containers()) {
            if (!there.containsKey(container.id())) {
                lost.put(container.id().number(), container.id());
            }
        }
        return new LostContainers(lost);
    }

    /** Sees to it that nobody writes to them. */
    public void close(Catalog catalog) throws IOException {
        if (lost.isEmpty()) {
            return;
        }
        try (CatalogBatch batch = catalog.batch()) {
            for (ContainerRecord container : catalog.containers()) {
                if (lost.containsKey(container.id().number()) && !container.closed()) {
                    batch.putContainer(
                            new ContainerRecord(container.id(), container.usedEnd(), true));
                }
            }
            catalog.commit(batch, Sync.YES);
        }
        Failpoint.RECOVER_SYNCED.reach();
    }

    /** One line per container. */
    public List<String> problems() {
        return lost.values().stream()
                .map(id -> id + " is lost: files in it cannot be read; see arc fsck")
                .toList();
    }

    /** The tier, whose device fails where a container is lost. */
    public Tier guard(Tier tier) {
        return lost.isEmpty()
                ? tier
                : new GuardedTier(tier, new GuardedDevice(tier.device(), tier.geometry(), lost));
    }

    /** A tier with another device. */
    private record GuardedTier(Tier tier, BlockDevice device) implements Tier {
        @Override
        public Geometry geometry() {
            return tier.geometry();
        }

        @Override
        public TierControl control() {
            return tier.control();
        }

        @Override
        public boolean isExported() {
            return tier.isExported();
        }

        @Override
        public TierMaintenance maintenance() {
            return tier.maintenance();
        }

        @Override
        public void close() throws IOException {
            tier.close();
        }
    }

    /** A device that knows which of its addresses hold nothing any more. */
    private record GuardedDevice(
            BlockDevice device, Geometry geometry, Map<Integer, ContainerId> lost)
            implements BlockDevice {
        @Override
        public void read(long offsetBytes, MemorySegment target) throws IOException {
            int last = geometry.containerOf(offsetBytes + Math.max(0, target.byteSize() - 1));
            for (int number = geometry.containerOf(offsetBytes); number <= last; number++) {
                ContainerId id = lost.get(number);
                if (id != null) {
                    throw new IOException(id + " is lost");
                }
            }
            device.read(offsetBytes, target);
        }

        @Override
        public long sizeBytes() {
            return device.sizeBytes();
        }

        @Override
        public int blockSizeBytes() {
            return device.blockSizeBytes();
        }

        @Override
        public void write(long offsetBytes, MemorySegment source) throws IOException {
            device.write(offsetBytes, source);
        }

        @Override
        public void flush() throws IOException {
            device.flush();
        }

        @Override
        public void discard(long offsetBytes, long lengthBytes) throws IOException {
            device.discard(offsetBytes, lengthBytes);
        }

        @Override
        public void close() throws IOException {
            device.close();
        }
    }
}
