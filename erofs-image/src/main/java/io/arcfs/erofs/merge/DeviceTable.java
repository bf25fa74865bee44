package io.arcfs.erofs.merge;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.UnsupportedImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The devices of all layers: one slot per tag, in order of layers. A slot without a tag is a device
 * of its own. An image that holds data itself, and has no devices, becomes a device. Lengths are in
 * blocks of the merged image. Immutable.
 */
final class DeviceTable {
    private final List<DeviceSlot> slots;

    /** Per layer and device id: the id in the merged image, 0 if there is none. */
    private final int[][] ids;

    private final Layers layers;
    private final List<DeviceOrigin> origins;

    private DeviceTable(
            Layers layers, List<DeviceSlot> slots, int[][] ids, List<DeviceOrigin> origins) {
        this.layers = layers;
        this.slots = slots;
        this.ids = ids;
        this.origins = origins;
    }

    static DeviceTable of(Layers layers) throws IOException {
        List<DeviceSlot> slots = new ArrayList<>();
        Map<ByteBuffer, Integer> byTag = new HashMap<>();
        List<DeviceOrigin> origins = new ArrayList<>();
        int[][] ids = new int[layers.count()][];
        for (int layer = 0; layer < ids.length; layer++) {
            ErofsImage image = layers.image(layer);
            List<DeviceSlot> own = image.deviceSlots();
            ids[layer] = new int[own.size() + 1];
            for (int i = 0; i < own.size(); i++) {
                ids[layer][i + 1] = add(slots, byTag, own.get(i), layers.blockShift(layer));
                note(origins, slots, layer, i + 1);
            }
            if (own.isEmpty() && InnerData.isIn(image)) {
                String tag = image.superBlock().uuid().toString().replace("-", "");
                DeviceSlot slot = DeviceSlot.of(tag, image.superBlock().blocks());
                ids[layer][0] = add(slots, byTag, slot, layers.blockShift(layer));
                note(origins, slots, layer, 0);
            }
        }
        return new DeviceTable(layers, List.copyOf(slots), ids, List.copyOf(origins));
    }

    /** Notes where a slot came from, the first time there is one more. */
    private static void note(
            List<DeviceOrigin> origins, List<DeviceSlot> slots, int layer, int deviceId) {
        if (origins.size() < slots.size()) {
            origins.add(new DeviceOrigin(layer, deviceId));
        }
    }

    private static int add(
            List<DeviceSlot> slots, Map<ByteBuffer, Integer> byTag, DeviceSlot slot, int shift) {
        ByteBuffer tag = ByteBuffer.wrap(slot.tag64().clone());
        DeviceSlot scaled = new DeviceSlot(slot.tag64(), slot.blocks() << shift, 0);
        Integer known = slot.tagText().isEmpty() ? null : byTag.get(tag);
        if (known == null) {
            slots.add(scaled);
            byTag.put(tag, slots.size());
            return slots.size();
        }
        slots.set(known - 1, longer(slots.get(known - 1), scaled));
        return known;
    }

    List<DeviceSlot> slots() {
        return slots;
    }

    List<DeviceOrigin> origins() {
        return origins;
    }

    int idOf(int layer, int deviceId) throws UnsupportedImageException {
        int id = ids[layer][deviceId];
        if (id == 0) {
            throw new UnsupportedImageException(
                    "a merge of an image that has devices and holds data itself (%s)"
                            .formatted(layers.image(layer).name()));
        }
        return id;
    }

    /** The device may have grown between two layers; a length that nobody knew stays unknown. */
    private static DeviceSlot longer(DeviceSlot one, DeviceSlot other) {
        boolean unknown = one.blocks() == 0 || other.blocks() == 0;
        long blocks = unknown ? 0 : Math.max(one.blocks(), other.blocks());
        return new DeviceSlot(one.tag64(), blocks, 0);
    }
}
