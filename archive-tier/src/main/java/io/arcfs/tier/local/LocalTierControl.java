package io.arcfs.tier.local;

import io.arcfs.posix.BufferPool;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.HeadExtent;
import io.arcfs.tier.HeadSettings;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.Priority;
import io.arcfs.tier.RecallEstimate;
import io.arcfs.tier.TierControl;
import io.arcfs.tier.TierSpace;
import io.arcfs.tier.TierStatus;
import io.arcfs.tier.head.HeadRun;
import io.arcfs.tier.recall.Recaller;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The commands of a tier in this process. Thread-safe. */
final class LocalTierControl implements TierControl {
    /** Objects of a part. Few parts are on their way, so recalling all needs no memory for all. */
    private static final int RECALL_PART = 256;

    private final SlotContext context;
    private final SlotTable slots;
    private final Recaller recaller;
    private final Destager destager;
    private final TierReport report;
    private final ContainerCloser closer;
    private final ContainerRelease release;
    private final HeadSettings headSettings;
    private final RecallEstimator estimator;
    private final SpaceReport spaceReport;
    private final Object openMonitor = new Object();

    LocalTierControl(
            SlotContext context,
            SlotTable slots,
            Recaller recaller,
            Destager destager,
            TierReport report,
            ContainerRelease release,
            HeadSettings headSettings,
            RecallEstimator estimator,
            SpaceReport spaceReport,
            BufferPool objectBuffers) {
        this.release = release;
        this.headSettings = headSettings;
        this.context = context;
        this.slots = slots;
        this.recaller = recaller;
        this.destager = destager;
        this.report = report;
        this.estimator = estimator;
        this.spaceReport = spaceReport;
        this.closer = new ContainerCloser(context, objectBuffers);
    }

    @Override
    public void open(ContainerId container) throws IOException {
        synchronized (openMonitor) {
            if (container.number() >= context.geometry().containers()) {
                throw new IOException(
                        container
                                + ": the device has only "
                                + context.geometry().containers()
                                + " containers");
            }
            ContainerSlot slot = slots.get(container.number());
            if (slot == null) {
                int next = release.nextSequence(container.number());
                if (container.sequence() < next) {
                    throw new IOException(
                            container + " cannot be opened: its next sequence is " + next);
                }
                slots.put(ContainerSlot.opened(context, container));
            } else if (!slot.id().equals(container) || slot.state() != ContainerState.OPEN) {
                throw new IOException(
                        container + " cannot be opened: " + slot.id() + " is " + slot.state());
            }
        }
    }

    @Override
    public void close(
            ContainerId container, long usedEnd, List<ImageRecord> images, byte[] descriptor)
            throws IOException {
        ContainerSlot slot = require(container);
        Geometry geometry = context.geometry();
        long usedBytes = usedEnd - geometry.containerStart(container.number());
        if (usedBytes < 0 || usedBytes > geometry.dataBytes()) {
            throw new IllegalArgumentException(
                    "used end " + usedEnd + " is outside of the data area of " + container);
        }
        if (closer.close(slot, usedBytes, images, descriptor)) {
            destager.add(slot);
        }
    }

    @Override
    public void discard(ContainerId container) throws IOException {
        synchronized (openMonitor) {
            ContainerSlot slot = slots.get(container);
            if (slot != null) {
                slot.discard();
                slots.remove(slot);
                context.heads().forget(container);
                context.pins().forget(container);
            }
        }
    }

    private ContainerSlot require(ContainerId container) throws IOException {
        ContainerSlot slot = slots.get(container);
        if (slot == null) {
            throw new IOException(container + " is not in use");
        }
        return slot;
    }

    @Override
    public TierSpace space() throws IOException {
        return spaceReport.space();
    }

    @Override
    public void awaitDestaged() throws IOException, InterruptedException {
        destager.await();
    }

    @Override
    public long evictAll() throws IOException {
        long freed = 0;
        for (ContainerSlot slot : slots.all()) {
            freed += slot.evictAll();
        }
        return freed;
    }

    @Override
    public long evict(List<DeviceExtent> extents) throws IOException {
        long freed = 0;
        Map<Integer, BitSet> whole =
                CoveredObjects.whollyIn(extents, context.geometry(), this::usedEnd);
        for (Map.Entry<Integer, BitSet> entry : whole.entrySet()) {
            ContainerSlot slot = slots.get(entry.getKey());
            if (slot != null) {
                freed += slot.evict(entry.getValue());
            }
        }
        return freed;
    }

    private long usedEnd(int container) {
        ContainerSlot slot = slots.get(container);
        return slot == null ? 0 : slot.usedBlocksEnd();
    }

    @Override
    public void recall(List<DeviceExtent> extents, Priority priority) throws IOException {
        Map<Integer, BitSet> touched =
                CoveredObjects.touching(extents, context.geometry(), this::usedEnd);
        try (Recaller.Request request = recaller.request(priority)) {
            for (Map.Entry<Integer, BitSet> entry : touched.entrySet()) {
                ContainerSlot slot = slots.get(entry.getKey());
                if (slot != null) {
                    ask(request, slot, entry.getValue());
                }
            }
            request.await();
        }
    }

    private static void ask(Recaller.Request request, ContainerSlot slot, BitSet objects)
            throws IOException {
        int[] wanted = objects.stream().toArray();
        for (int from = 0; from < wanted.length; from += RECALL_PART) {
            int to = Math.min(from + RECALL_PART, wanted.length);
            int[] missing = slot.missing(Arrays.copyOfRange(wanted, from, to));
            if (missing.length > 0) {
                request.ask(slot, missing);
            }
        }
    }

    @Override
    public boolean isResident(DeviceExtent extent) {
        Geometry geometry = context.geometry();
        long at = extent.address() / geometry.blockBytes() * geometry.blockBytes();
        long end = geometry.roundUpToBlock(extent.end());
        while (at < end) {
            int container = geometry.containerOf(at);
            long start = geometry.containerStart(container);
            long partEnd = Math.min(end, start + geometry.containerBytes());
            if (!isHere(container, at - start, partEnd - start)) {
                return false;
            }
            at = partEnd;
        }
        return true;
    }

    private boolean isHere(int container, long from, long to) {
        ContainerSlot slot = slots.get(container);
        if (slot == null) {
            return true; // reads as zeros
        }
        long used = Math.min(to, slot.usedBlocksEnd());
        try {
            return from >= used || slot.isHere(from, used - from);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public HeadSettings headSettings() {
        return headSettings;
    }

    @Override
    public void keepHeads(List<HeadExtent> heads) throws IOException {
        Geometry geometry = context.geometry();
        Map<ContainerSlot, List<HeadRun>> runs = new LinkedHashMap<>();
        for (HeadExtent head : heads) {
            long at = head.extent().address() / geometry.blockBytes() * geometry.blockBytes();
            long end = geometry.roundUpToBlock(head.extent().end());
            ContainerSlot slot = slots.get(geometry.containerOf(at));
            if (slot != null) {
                long start = geometry.containerStart(slot.id().number());
                long length = Math.min(end - start, geometry.dataBytes()) - (at - start);
                if (length > 0) {
                    runs.computeIfAbsent(slot, s -> new ArrayList<>())
                            .add(new HeadRun(at - start, Math.toIntExact(length), head.kind()));
                }
            }
        }
        for (Map.Entry<ContainerSlot, List<HeadRun>> entry : runs.entrySet()) {
            context.heads().note(entry.getKey().id(), entry.getValue());
        }
    }

    @Override
    public void pin(List<DeviceExtent> extents) throws IOException {
        forEachPart(extents, (id, start, end) -> context.pins().pin(id, start, end));
    }

    @Override
    public List<DeviceExtent> pinned() {
        return context.pins().extents();
    }

    @Override
    public void unpin(List<DeviceExtent> extents) throws IOException {
        forEachPart(extents, (id, start, end) -> context.pins().unpin(id, start, end));
    }

    private interface PartAction {
        void run(ContainerId id, long start, long end) throws IOException;
    }

    /** Cut at containers; what lies in none is left out. */
    private void forEachPart(List<DeviceExtent> extents, PartAction action) throws IOException {
        Geometry geometry = context.geometry();
        for (DeviceExtent extent : extents) {
            for (long at = extent.address(); at < extent.end(); ) {
                int container = geometry.containerOf(at);
                long start = geometry.containerStart(container);
                long partEnd = Math.min(extent.end(), start + geometry.containerBytes());
                ContainerSlot slot = slots.get(container);
                if (slot != null) {
                    action.run(slot.id(), at - start, partEnd - start);
                }
                at = partEnd;
            }
        }
    }

    @Override
    public void release(ContainerId container) throws IOException {
        synchronized (openMonitor) {
            ContainerSlot slot = slots.get(container);
            if (slot != null) {
                release.release(slot);
            }
        }
    }

    @Override
    public int nextSequence(int number) throws IOException {
        return release.nextSequence(number);
    }

    @Override
    public RecallEstimate estimate(List<DeviceExtent> extents) throws IOException {
        return estimator.estimate(extents);
    }

    @Override
    public Map<ContainerId, ContainerState> containers() {
        Map<ContainerId, ContainerState> states = new TreeMap<>();
        slots.all().forEach(slot -> states.put(slot.id(), slot.state()));
        return states;
    }

    @Override
    public TierStatus status() {
        return report.status();
    }
}
