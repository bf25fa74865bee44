package io.arcfs.overlay.data;

import io.arcfs.device.BlockDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Reads any byte range of the device, although the device reads whole blocks: the aligned middle
 * goes straight to the target, the ends through one block per thread. Thread-safe.
 */
public final class DeviceReader {
    private final BlockDevice device;
    private final int blockBytes;
    private final ThreadLocal<MemorySegment> block;

    public DeviceReader(BlockDevice device) {
        this.device = device;
        this.blockBytes = device.blockSizeBytes();
        this.block = ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(blockBytes, blockBytes));
    }

    public void read(long address, MemorySegment target) throws IOException {
        long end = address + target.byteSize();
        long position = address;
        while (position < end) {
            long blockStart = position / blockBytes * blockBytes;
            long whole = (end - position) / blockBytes * blockBytes;
            if (blockStart == position && whole > 0) {
                MemorySegment piece =
                        whole == target.byteSize()
                                ? target
                                : target.asSlice(position - address, whole);
                device.read(position, piece);
                position += whole;
            } else {
                MemorySegment bounce = block.get();
                device.read(blockStart, bounce);
                long count = Math.min(blockStart + blockBytes, end) - position;
                MemorySegment.copy(
                        bounce, position - blockStart, target, position - address, count);
                position += count;
            }
        }
    }
}
