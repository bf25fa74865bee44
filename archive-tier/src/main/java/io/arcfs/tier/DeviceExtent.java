package io.arcfs.tier;

/**
 * A run of bytes on the volume's device.
 *
 * @param address byte address, a multiple of the block
 * @param lengthBytes length; need not be a multiple of the block
 */
public record DeviceExtent(long address, long lengthBytes) {
    public long end() {
        return address + lengthBytes;
    }
}
