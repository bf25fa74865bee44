package io.arcfs.overlay.round;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.overlay.catalog.LayerRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** What all images of a volume have in common: one device slot, the volume's own block device. */
final class VolumeImages {
    private static final int TAG_BYTES = 64;

    private VolumeImages() {}

    static ImageOptions options(RoundContext context, UUID imageUuid, LayerRecord layer) {
        byte[] tag =
                Arrays.copyOf(
                        context.volumeUuid().toString().getBytes(StandardCharsets.US_ASCII),
                        TAG_BYTES);
        DeviceSlot device = new DeviceSlot(tag, context.tier().geometry().deviceBlocks(), 0);
        return new ImageOptions(
                imageUuid, layer.name(), Instant.now().getEpochSecond(), List.of(device));
    }
}
