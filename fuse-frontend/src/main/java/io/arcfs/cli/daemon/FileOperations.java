package io.arcfs.cli.daemon;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.control.Progress;
import io.arcfs.recovery.Volume;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Priority;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Brings files to the SSD and keeps them there. Confined to the command's thread. */
final class FileOperations {
    private final Volume volume;
    private final Progress progress;

    FileOperations(Volume volume, Progress progress) {
        this.volume = volume;
        this.progress = progress;
    }

    ObjectNode recall(List<byte[]> paths) throws IOException {
        List<DeviceExtent> extents = volume.overlay().extents(paths);
        recallAll(extents);
        return JsonNodeFactory.instance.objectNode().put("bytes", bytes(extents));
    }

    /** Pinned first: what came would else be free to go again. */
    ObjectNode pin(List<byte[]> paths, boolean keep) throws IOException {
        List<DeviceExtent> extents = volume.overlay().extents(paths);
        if (keep) {
            volume.tier().control().pin(extents);
            recallAll(extents);
        } else {
            volume.tier().control().unpin(extents);
        }
        return JsonNodeFactory.instance.objectNode().put("bytes", bytes(extents));
    }

    /** Container after container, as they lie on most media. */
    private void recallAll(List<DeviceExtent> extents) throws IOException {
        Map<Integer, List<DeviceExtent>> byContainer = new TreeMap<>();
        for (DeviceExtent extent : extents) {
            byContainer
                    .computeIfAbsent(
                            volume.tier().geometry().containerOf(extent.address()),
                            c -> new ArrayList<>())
                    .add(extent);
        }
        long total = bytes(extents);
        long done = 0;
        for (Map.Entry<Integer, List<DeviceExtent>> entry : byContainer.entrySet()) {
            volume.tier().control().recall(entry.getValue(), Priority.PRESTAGE);
            done += bytes(entry.getValue());
            progress.report(
                    new Progress.Step("recall", "container " + entry.getKey(), done, total));
        }
    }

    private static long bytes(List<DeviceExtent> extents) {
        return extents.stream().mapToLong(DeviceExtent::lengthBytes).sum();
    }
}
