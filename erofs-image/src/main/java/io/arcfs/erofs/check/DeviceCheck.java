package io.arcfs.erofs.check;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.layout.DeviceSlotLayout;
import java.util.List;

/** Checks the device table against the devices and against itself. Stateless. */
final class DeviceCheck {
    private DeviceCheck() {}

    static void check(ErofsImage image, List<Long> lengths, ImageChecker.Report report) {
        List<DeviceSlot> slots = image.deviceSlots();
        long table = image.superBlock().deviceTableOffsetBytes();
        if (image.superBlock().blocks() == 0) {
            report.finding(0, "", "an image of 0 blocks");
        }
        if (!lengths.isEmpty() && lengths.size() != slots.size()) {
            report.finding(
                    table, "", slots.size() + " device slots, " + lengths.size() + " devices");
        }
        long end = image.superBlock().blocks();
        for (int i = 0; i < slots.size(); i++) {
            DeviceSlot slot = slots.get(i);
            long offset = table + i * DeviceSlotLayout.SIZE;
            if (i < lengths.size()
                    && slot.blocks() > lengths.get(i) >> image.superBlock().blockBits()) {
                report.finding(
                        offset,
                        "",
                        "device %d has %d bytes, its slot says %d blocks"
                                .formatted(i + 1, lengths.get(i), slot.blocks()));
            }
            if (slot.unifiedBlock() != 0 && slot.blocks() != 0) {
                if (slot.unifiedBlock() < end) {
                    report.finding(
                            offset,
                            "",
                            "device %d is mapped at block %d, over what ends at %d"
                                    .formatted(i + 1, slot.unifiedBlock(), end));
                }
                end = slot.unifiedBlock() + slot.blocks();
            }
        }
    }
}
