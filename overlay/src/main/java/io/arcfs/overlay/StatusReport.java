package io.arcfs.overlay;

import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.namespace.Namespace;
import io.arcfs.overlay.round.RoundProgress;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.Tier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Collects what {@code arc status} shows of the namespace. */
final class StatusReport {
    private StatusReport() {}

    static OverlayStatus of(
            OverlayOptions options,
            Catalog catalog,
            Tier tier,
            Namespace namespace,
            RoundProgress progress,
            List<String> problems)
            throws IOException {
        Map<ContainerId, ContainerState> containers = tier.control().containers();
        List<OverlayStatus.Layer> layers = new ArrayList<>();
        String activeName = "";
        long activeFiles = 0;
        long activeBytes = namespace.activeBytes().get();
        for (LayerRecord layer : catalog.layers().reversed()) {
            switch (layer.state()) {
                case ACTIVE -> {
                    activeName = layer.name();
                    activeFiles = files(catalog, layer.first());
                    layers.add(
                            new OverlayStatus.Layer(
                                    activeName, "ACTIVE", activeFiles, activeBytes, 0));
                }
                case SEALED ->
                        layers.add(
                                new OverlayStatus.Layer(
                                        layer.name(),
                                        "SEALED",
                                        files(catalog, layer.first()),
                                        namespace.sealedBytes().get(),
                                        0));
                case ARCHIVED -> {
                    ImageRecord image = layer.requireImage();
                    layers.add(
                            new OverlayStatus.Layer(
                                    layer.name(),
                                    isCold(tier, image, containers) ? "COLD" : "ARCHIVED",
                                    layer.files(),
                                    layer.dataBytes(),
                                    image.lengthBytes()));
                }
            }
        }
        return new OverlayStatus(
                new OverlayStatus.Upper(
                        activeName, activeBytes, activeFiles, options.archiveThresholdBytes()),
                layers,
                progress.work(),
                namespace.handles().get(),
                problems);
    }

    private static long files(Catalog catalog, int layer) throws IOException {
        long[] files = new long[1];
        catalog.inodes(
                layer,
                (_, record) -> {
                    if (!record.isDirectory()) {
                        files[0]++;
                    }
                });
        return files[0];
    }

    /** Whether everything of an image, its own bytes included, is verified on cold media. */
    private static boolean isCold(
            Tier tier, ImageRecord image, Map<ContainerId, ContainerState> containers) {
        for (ContainerId container : image.manifest()) {
            if (!isCold(containers.get(container))) {
                return false;
            }
        }
        for (var extent : image.extents()) {
            int number = tier.geometry().containerOf(extent.address());
            for (Map.Entry<ContainerId, ContainerState> entry : containers.entrySet()) {
                if (entry.getKey().number() == number && !isCold(entry.getValue())) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isCold(@org.jspecify.annotations.Nullable ContainerState state) {
        return state == ContainerState.COLD || state == ContainerState.EVICTED;
    }
}
