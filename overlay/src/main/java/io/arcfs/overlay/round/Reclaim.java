package io.arcfs.overlay.round;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.namespace.Tree;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives back containers that nothing refers to: while the volume is being opened, for then no data
 * map or handle of an earlier moment is alive that could still name them, and after a gc as far as
 * what is in memory names them no more. Only when all that the present images refer to is verified
 * on its media: a rebuild from the media must find it before it misses the old. And never while the
 * device is exported: kernels may have mounted older images.
 */
public final class Reclaim {
    private final RoundContext context;
    private final Geometry geometry;

    public Reclaim(RoundContext context) {
        this.context = context;
        this.geometry = context.tier().geometry();
    }

    /** Returns one line per container given back. */
    public List<String> releaseUnreferenced() throws IOException {
        List<ContainerRecord> unreferenced = unreferenced();
        if (unreferenced.isEmpty() || context.tier().isExported() || !isEverythingCold()) {
            return List.of();
        }
        List<String> actions = new ArrayList<>();
        for (ContainerRecord container : unreferenced) {
            release(container);
            context.allocations().released(container.id().number());
            actions.add("released " + container.id() + ", which nothing refers to");
        }
        return List.copyOf(actions);
    }

    /** The tier first, which may be done twice; then the number is free. */
    private void release(ContainerRecord container) throws IOException {
        context.tier().control().release(container.id());
        try (CatalogBatch batch = context.catalog().batch()) {
            batch.deleteContainer(container.id().number());
            context.catalog().commit(batch, Sync.YES);
        }
        Failpoint.RELEASE_COMMITTED.reach();
    }

    /**
     * What was given back.
     *
     * @param bytes used in them, once per copy
     * @param kept containers that wait: open files have bytes there, or it is too early
     */
    public record Outcome(List<ContainerId> released, long bytes, List<ContainerId> kept) {}

    /**
     * Gives back what it can while the volume is in use; the round lock and the merge lock are
     * held. The numbers are used again only when the volume is opened anew: an address that
     * somebody still remembers means nothing until then, never other bytes.
     */
    public Outcome releaseInUse() throws IOException {
        if (unreferenced().isEmpty()) {
            return new Outcome(List.of(), 0, List.of());
        }
        Held held = new Held();
        context.namespace().tree().forgetIdle(held);
        // Again: a change under way before may have committed a map that it took from memory.
        List<ContainerRecord> unreferenced = unreferenced();
        List<ContainerId> kept = new ArrayList<>();
        if (context.tier().isExported() || !isEverythingCold()) {
            unreferenced.forEach(container -> kept.add(container.id()));
            return new Outcome(List.of(), 0, kept);
        }
        // What names them no more must not do so again after power loss.
        context.catalog().sync();
        Failpoint.RELEASE_UNNAMED.reach();
        context.namespace().tree().givingBack();
        List<ContainerId> released = new ArrayList<>();
        long bytes = 0;
        for (ContainerRecord container : unreferenced) {
            if (held.numbers.contains(container.id().number())) {
                kept.add(container.id());
            } else {
                release(container);
                released.add(container.id());
                bytes += container.usedEnd() - geometry.firstDataAddress(container.id().number());
            }
        }
        return new Outcome(released, bytes, kept);
    }

    /** Containers that nodes in memory may read from. */
    private final class Held implements Tree.PlaceSink {
        final Set<Integer> numbers = new HashSet<>();
        private final Set<ImageLayer> images = new HashSet<>();

        @Override
        public void extent(DeviceExtent extent) {
            add(extent, numbers);
        }

        @Override
        public void image(ImageLayer image) {
            if (images.add(image)) {
                image.layerRecord()
                        .requireImage()
                        .manifest()
                        .forEach(id -> numbers.add(id.number()));
            }
        }
    }

    /** Closed containers that no image, no upper and no forward table names. */
    List<ContainerRecord> unreferenced() throws IOException {
        Catalog catalog = context.catalog();
        Set<Integer> referenced = new HashSet<>();
        for (LayerRecord layer : catalog.layers()) {
            ImageRecord image = layer.image();
            if (image != null) {
                image.manifest().forEach(id -> referenced.add(id.number()));
                image.extents().forEach(extent -> add(extent, referenced));
            }
        }
        List<ContainerRecord> candidates = new ArrayList<>();
        for (ContainerRecord container : catalog.containers()) {
            if (container.closed() && !referenced.contains(container.id().number())) {
                candidates.add(container);
            }
        }
        if (candidates.isEmpty()) {
            return candidates;
        }
        for (LayerRecord layer : catalog.layers()) {
            if (layer.state() != LayerRecord.State.ARCHIVED) {
                catalog.inodes(layer.first(), (_, record) -> addRuns(record.runs(), referenced));
            }
        }
        for (long file : catalog.forwardedFiles()) {
            addRuns(catalog.forward(file), referenced);
        }
        candidates.removeIf(container -> referenced.contains(container.id().number()));
        return candidates;
    }

    private void addRuns(List<InodeRecord.Run> runs, Set<Integer> referenced) {
        runs.forEach(run -> add(run.extent(), referenced));
    }

    private void add(DeviceExtent extent, Set<Integer> referenced) {
        int last = geometry.containerOf(Math.max(extent.address(), extent.end() - 1));
        for (int n = geometry.containerOf(extent.address()); n <= last; n++) {
            referenced.add(n);
        }
    }

    private boolean isEverythingCold() throws IOException {
        Map<ContainerId, ContainerState> states = context.tier().control().containers();
        Set<Integer> needed = new HashSet<>();
        for (LayerRecord layer : context.catalog().layers()) {
            ImageRecord image = layer.image();
            if (image != null) {
                image.manifest().forEach(id -> needed.add(id.number()));
                image.extents().forEach(extent -> add(extent, needed));
            }
        }
        for (Map.Entry<ContainerId, ContainerState> entry : states.entrySet()) {
            boolean cold =
                    entry.getValue() == ContainerState.COLD
                            || entry.getValue() == ContainerState.EVICTED;
            if (cold) {
                needed.remove(entry.getKey().number());
            }
        }
        // One that is open, on its way, or lost.
        return needed.isEmpty();
    }
}
