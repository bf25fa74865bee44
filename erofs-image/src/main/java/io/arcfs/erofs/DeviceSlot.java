package io.arcfs.erofs;

import io.arcfs.erofs.layout.DeviceSlotLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * An extra device that chunks lie on; slot i is device id i + 1. Equal by content. The tag is not
 * to be changed.
 *
 * @param tag64 64 bytes that identify the device, padded with NULs
 * @param blocks length of the device; 0: empty or unknown
 * @param unifiedBlock where the device starts in the unified address space, 0 if it is not mapped
 */
public record DeviceSlot(byte[] tag64, long blocks, long unifiedBlock) {
    public DeviceSlot {
        if (tag64.length != DeviceSlotLayout.TAG_SIZE) {
            throw new IllegalArgumentException("a device tag has 64 bytes, not " + tag64.length);
        }
        if (blocks < 0 || unifiedBlock < 0) {
            throw new IllegalArgumentException("negative length or address of a device");
        }
    }

    /** A slot whose tag is a text of at most 64 ASCII characters; the writer maps it. */
    public static DeviceSlot of(String tag, long blocks) {
        byte[] text = tag.getBytes(StandardCharsets.US_ASCII);
        if (text.length > DeviceSlotLayout.TAG_SIZE) {
            throw new IllegalArgumentException("a device tag has at most 64 bytes: " + tag);
        }
        return new DeviceSlot(Arrays.copyOf(text, DeviceSlotLayout.TAG_SIZE), blocks, 0);
    }

    /** The tag up to its first NUL. */
    public String tagText() {
        int length = 0;
        while (length < tag64.length && tag64[length] != 0) {
            length++;
        }
        return new String(tag64, 0, length, StandardCharsets.ISO_8859_1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DeviceSlot that
                && blocks == that.blocks
                && unifiedBlock == that.unifiedBlock
                && Arrays.equals(tag64, that.tag64);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(tag64) * 31 + Long.hashCode(blocks ^ unifiedBlock << 17);
    }

    @Override
    public String toString() {
        return "DeviceSlot[" + tagText() + ", blocks=" + blocks + ", at=" + unifiedBlock + "]";
    }
}
