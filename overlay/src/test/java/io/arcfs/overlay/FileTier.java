package io.arcfs.overlay;

import io.arcfs.device.BlockDevice;
import io.arcfs.device.FileBlockDevice;
import io.arcfs.posix.OpenFlag;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.Priority;
import io.arcfs.tier.Tier;
import io.arcfs.tier.TierControl;
import io.arcfs.tier.TierStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A tier without media: the device is one sparse file, containers only change their state. */
final class FileTier implements Tier, TierControl {
    /** Chunks of 64 KiB in containers of 2 MiB: rounds of a few files fill several. */
    static final Geometry TINY = new Geometry(4096, 64 << 10, 12 << 10, 1984 << 10, 2 << 20, 64);

    private final BlockDevice device;
    private final Map<ContainerId, ContainerState> containers;

    /**
     * @param containers states that outlive a reopening of the volume
     */
    FileTier(Path file, Map<ContainerId, ContainerState> containers) throws IOException {
        this.device =
                Files.exists(file)
                        ? FileBlockDevice.open(file, OpenFlag.READ, OpenFlag.WRITE)
                        : FileBlockDevice.create(file, TINY.deviceBytes());
        this.containers = containers;
    }

    static Map<ContainerId, ContainerState> noContainers() {
        return new TreeMap<>();
    }

    @Override
    public Geometry geometry() {
        return TINY;
    }

    @Override
    public BlockDevice device() {
        return device;
    }

    @Override
    public TierControl control() {
        return this;
    }

    @Override
    public synchronized void open(ContainerId container) {
        containers.put(container, ContainerState.OPEN);
    }

    @Override
    public synchronized void close(
            ContainerId container, long usedEnd, List<ImageRecord> images, byte[] descriptor) {
        containers.put(container, ContainerState.STAGED);
    }

    @Override
    public synchronized void discard(ContainerId container) {
        containers.remove(container);
    }

    @Override
    public synchronized void awaitDestaged() {
        containers.replaceAll((_, s) -> s == ContainerState.STAGED ? ContainerState.COLD : s);
    }

    @Override
    public long evictAll() {
        return 0;
    }

    @Override
    public long evict(List<DeviceExtent> extents) {
        return extents.stream().mapToLong(DeviceExtent::lengthBytes).sum();
    }

    @Override
    public void recall(List<DeviceExtent> extents, Priority priority) {}

    @Override
    public boolean isResident(DeviceExtent extent) {
        return true;
    }

    @Override
    public synchronized Map<ContainerId, ContainerState> containers() {
        return Map.copyOf(containers);
    }

    @Override
    public TierStatus status() {
        return new TierStatus(
                0,
                0,
                0,
                0,
                0,
                0,
                new TierStatus.Recall(0, 0, 0, 0, 0),
                List.of(),
                List.of(),
                List.of());
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
