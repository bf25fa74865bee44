package io.arcfs.overlay.round;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.TierControl;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps the tier's containers in step with the catalog's: the catalog decides, the tier follows.
 */
public final class Containers {
    private Containers() {}

    /** Closes in the tier what the catalog has closed. Idempotent. */
    public static void closeCommitted(RoundContext context) throws IOException {
        // One at a time: a round and a merge may end together.
        synchronized (context.allocations()) {
            close(context);
        }
    }

    private static void close(RoundContext context) throws IOException {
        TierControl control = context.tier().control();
        Map<ContainerId, ContainerState> states = control.containers();
        for (ContainerRecord container : context.catalog().containers()) {
            if (container.closed() && states.get(container.id()) == ContainerState.OPEN) {
                control.close(
                        container.id(),
                        container.usedEnd(),
                        imagesEndingIn(context, container.id()),
                        context.descriptor());
            }
        }
    }

    /** Closes every open container that holds anything, where it stands. */
    public static void closeOpen(RoundContext context) throws IOException {
        ContainerAllocator allocator = context.allocations().round();
        allocator.closeAll();
        try (CatalogBatch batch = context.catalog().batch()) {
            allocator.store(batch);
            context.catalog().commit(batch, Sync.YES);
            Failpoint.CLOSE_COMMITTED.reach();
            allocator.committed();
        } catch (IOException | RuntimeException e) {
            allocator.abandon();
            throw e;
        }
        closeCommitted(context);
    }

    /**
     * Forgets what a crashed round left on the device: containers that no commit names, and the
     * bytes behind the committed end of those that are still open. Returns one line per container
     * given back.
     */
    public static List<String> discardUncommitted(RoundContext context) throws IOException {
        Map<ContainerId, ContainerRecord> known = new HashMap<>();
        for (ContainerRecord container : context.catalog().containers()) {
            known.put(container.id(), container);
        }
        List<String> actions = new ArrayList<>();
        for (Map.Entry<ContainerId, ContainerState> entry :
                context.tier().control().containers().entrySet()) {
            if (entry.getValue() != ContainerState.OPEN) {
                continue;
            }
            ContainerRecord container = known.get(entry.getKey());
            if (container == null) {
                context.tier().control().discard(entry.getKey());
                actions.add("discarded " + entry.getKey() + ", which no commit names");
            } else if (!container.closed()) {
                long end = context.tier().geometry().dataEnd(container.id().number());
                context.tier().device().discard(container.usedEnd(), end - container.usedEnd());
                Failpoint.RECOVER_CONTAINER_ZEROED.reach();
            }
        }
        return actions;
    }

    private static List<ImageRecord> imagesEndingIn(RoundContext context, ContainerId container)
            throws IOException {
        List<ImageRecord> images = new ArrayList<>();
        for (LayerRecord layer : context.catalog().layers()) {
            ImageRecord image = layer.image();
            if (image != null
                    && !image.extents().isEmpty()
                    && context.tier().geometry().containerOf(image.extents().getLast().end() - 1)
                            == container.number()) {
                images.add(image);
            }
        }
        return images;
    }
}
