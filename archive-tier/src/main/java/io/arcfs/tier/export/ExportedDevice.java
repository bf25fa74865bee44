package io.arcfs.tier.export;

import io.arcfs.device.BlockDevice;
import io.arcfs.device.KernelBlockDevice;
import io.arcfs.posix.BufferPool;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Priority;
import io.arcfs.tier.TierControl;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The bytes of an exported tier. Reads may begin and end anywhere, as those of the owner's device
 * may. Thread-safe.
 */
final class ExportedDevice implements BlockDevice {
    private static final int BOUNCE_BYTES = 256 << 10;

    private final KernelBlockDevice node;
    private final TierControl control;
    private final BufferPool bounces = new BufferPool(BOUNCE_BYTES, 8);

    ExportedDevice(KernelBlockDevice node, TierControl control) {
        this.node = node;
        this.control = control;
    }

    @Override
    public long sizeBytes() {
        return node.sizeBytes();
    }

    @Override
    public int blockSizeBytes() {
        return node.blockSizeBytes();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        long length = target.byteSize();
        if (length == 0) {
            return;
        }
        // Cold bytes are waited for here, not in the block device (E1). If they are evicted again
        // before the next line, the owner recalls them once more.
        control.recall(List.of(new DeviceExtent(offsetBytes, length)), Priority.FOREGROUND);
        int block = blockSizeBytes();
        if (offsetBytes % block == 0 && length % block == 0) {
            node.read(offsetBytes, target);
        } else {
            readThroughBounce(offsetBytes, target, block);
        }
    }

    private void readThroughBounce(long offset, MemorySegment target, int block)
            throws IOException {
        MemorySegment bounce = bounces.take();
        try {
            for (long done = 0; done < target.byteSize(); ) {
                long at = offset + done;
                long first = at / block * block;
                long part = Math.min(target.byteSize() - done, BOUNCE_BYTES - (at - first));
                long end = (at + part + block - 1) / block * block;
                node.read(first, bounce.asSlice(0, end - first));
                MemorySegment.copy(bounce, at - first, target, done, part);
                done += part;
            }
        } finally {
            bounces.give(bounce);
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        node.write(offsetBytes, source);
    }

    @Override
    public void flush() throws IOException {
        node.flush();
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        node.discard(offsetBytes, lengthBytes);
    }

    @Override
    public void close() throws IOException {
        node.close();
    }
}
