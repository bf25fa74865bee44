package io.arcfs.erofs.merge;

import io.arcfs.erofs.DeviceSlot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The devices of all layers: one slot per tag, in order of layers. A slot without a tag is a device
 * of its own. Immutable.
 */
final class DeviceTable {
    private final List<DeviceSlot> slots;

    /** Per layer and device id - 1: the id in the merged image. */
    private final int[][] ids;

    private DeviceTable(List<DeviceSlot> slots, int[][] ids) {
        this.slots = slots;
        this.ids = ids;
    }

    static DeviceTable of(Layers layers) {
        List<DeviceSlot> slots = new ArrayList<>();
        Map<ByteBuffer, Integer> byTag = new HashMap<>();
        int[][] ids = new int[layers.count()][];
        for (int layer = 0; layer < ids.length; layer++) {
            List<DeviceSlot> own = layers.image(layer).deviceSlots();
            ids[layer] = new int[own.size()];
            for (int i = 0; i < own.size(); i++) {
                DeviceSlot slot = own.get(i);
                ByteBuffer tag = ByteBuffer.wrap(slot.tag64().clone());
                Integer known = slot.tagText().isEmpty() ? null : byTag.get(tag);
                if (known == null) {
                    slots.add(new DeviceSlot(slot.tag64(), slot.blocks(), 0));
                    byTag.put(tag, slots.size());
                    ids[layer][i] = slots.size();
                } else {
                    DeviceSlot merged = slots.get(known - 1);
                    slots.set(known - 1, longer(merged, slot));
                    ids[layer][i] = known;
                }
            }
        }
        return new DeviceTable(List.copyOf(slots), ids);
    }

    List<DeviceSlot> slots() {
        return slots;
    }

    int idOf(int layer, int deviceId) {
        return ids[layer][deviceId - 1];
    }

    /** The device may have grown between two layers; a length that nobody knew stays unknown. */
    private static DeviceSlot longer(DeviceSlot one, DeviceSlot other) {
        boolean unknown = one.blocks() == 0 || other.blocks() == 0;
        long blocks = unknown ? 0 : Math.max(one.blocks(), other.blocks());
        return new DeviceSlot(one.tag64(), blocks, 0);
    }
}
