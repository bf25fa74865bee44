package io.arcfs.overlay;

import io.arcfs.device.BlockDevice;
import io.arcfs.device.FileBlockDevice;
import io.arcfs.posix.OpenFlag;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.HeadExtent;
import io.arcfs.tier.HeadSettings;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.Priority;
import io.arcfs.tier.Tier;
import io.arcfs.tier.TierControl;
import io.arcfs.tier.TierMaintenance;
import io.arcfs.tier.TierSpace;
import io.arcfs.tier.TierStatus;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A tier without media: the device is one sparse file, containers only change their state. */
final class FileTier implements Tier, TierControl {
    /** Chunks of 64 KiB in containers of 2 MiB: rounds of a few files fill several. */
    static final Geometry TINY = new Geometry(4096, 64 << 10, 12 << 10, 1984 << 10, 2 << 20, 64);

    private final BlockDevice device;
    private volatile long usedBytes;
    private volatile long objectsWritten;
    private volatile Media media = Media.ON_SSD;
    private final Map<ContainerId, ContainerState> containers;
    private final AtomicInteger recalls = new AtomicInteger();

    /**
     * @param containers states that outlive a reopening of the volume
     */
    FileTier(Path file, Map<ContainerId, ContainerState> containers) throws IOException {
        BlockDevice bytes =
                Files.exists(file)
                        ? FileBlockDevice.open(file, OpenFlag.READ, OpenFlag.WRITE)
                        : FileBlockDevice.create(file, TINY.deviceBytes());
        this.device = new Watched(bytes);
        this.containers = containers;
    }

    /** Where everything archived is, as far as the namespace can see. */
    enum Media {
        ON_SSD,
        /** A recall brings it at once. */
        COLD,
        /** A recall waits until it is interrupted; reading fails the test that did not ask. */
        OFFLINE
    }

    void media(Media newMedia) {
        media = newMedia;
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
    public TierMaintenance maintenance() {
        throw new UnsupportedOperationException("there are no media to maintain");
    }

    @Override
    public HeadSettings headSettings() {
        return HeadSettings.DEFAULT;
    }

    /** Ranges whose heads were to be kept. */
    final List<HeadExtent> heads = new CopyOnWriteArrayList<>();

    @Override
    public void keepHeads(List<HeadExtent> kept) {
        heads.addAll(kept);
    }

    private final List<DeviceExtent> pinned = new CopyOnWriteArrayList<>();

    @Override
    public void pin(List<DeviceExtent> extents) {
        pinned.addAll(extents);
    }

    @Override
    public List<DeviceExtent> pinned() {
        return List.copyOf(pinned);
    }

    @Override
    public void unpin(List<DeviceExtent> extents) {}

    /** What is verified on media is not any more. */
    synchronized void unverify() {
        containers.replaceAll((_, s) -> s == ContainerState.COLD ? ContainerState.STAGED : s);
    }

    /** Sequences that were released, by number: what is in use again has a higher one. */
    private final Map<Integer, Integer> released = new ConcurrentHashMap<>();

    @Override
    public synchronized void release(ContainerId container) throws IOException {
        if (containers.remove(container) != null) {
            released.put(container.number(), container.sequence());
            // Whoever still reads it must notice.
            long start = TINY.firstDataAddress(container.number());
            device.discard(start, TINY.dataEnd(container.number()) - start);
        }
    }

    @Override
    public int nextSequence(int number) {
        return released.getOrDefault(number, 0) + 1;
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
    public TierSpace space() {
        return new TierSpace(0, Long.MAX_VALUE);
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
    public void recall(List<DeviceExtent> extents, Priority priority) throws IOException {
        recalls.incrementAndGet();
        while (media == Media.OFFLINE) {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException _) {
                throw new InterruptedIOException("recall given up");
            }
        }
        media = Media.ON_SSD;
    }

    /** Recalls asked for so far. */
    int recalls() {
        return recalls.get();
    }

    /** A device whose bytes cannot be had while the media are not there. */
    private final class Watched implements BlockDevice {
        private final BlockDevice bytes;

        Watched(BlockDevice bytes) {
            this.bytes = bytes;
        }

        @Override
        public long sizeBytes() {
            return bytes.sizeBytes();
        }

        @Override
        public int blockSizeBytes() {
            return bytes.blockSizeBytes();
        }

        @Override
        public void read(long offset, MemorySegment target) throws IOException {
            if (media != Media.ON_SSD) {
                throw new IOException("a read of cold bytes at " + offset);
            }
            bytes.read(offset, target);
        }

        @Override
        public void write(long offset, MemorySegment source) throws IOException {
            bytes.write(offset, source);
        }

        @Override
        public void flush() throws IOException {
            bytes.flush();
        }

        @Override
        public void discard(long offset, long lengthBytes) throws IOException {
            bytes.discard(offset, lengthBytes);
        }

        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }

    @Override
    public boolean isResident(DeviceExtent extent) {
        return media == Media.ON_SSD;
    }

    @Override
    public synchronized Map<ContainerId, ContainerState> containers() {
        return Map.copyOf(containers);
    }

    /** What the tier says of itself: its use of the SSD, and objects that went to the medium. */
    void report(long newUsedBytes, long newObjectsWritten) {
        usedBytes = newUsedBytes;
        objectsWritten = newObjectsWritten;
    }

    @Override
    public TierStatus status() {
        return new TierStatus(
                0,
                0,
                0,
                0,
                usedBytes,
                0,
                0,
                0,
                new TierStatus.Recall(0, 0, 0, 0, 0),
                List.of(new TierStatus.Medium("dir:x", "ok", 0, 0, 0, objectsWritten)),
                List.of(),
                List.of());
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
