package io.arcfs.erofs.write;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.layout.ChunkIndexLayout;
import java.util.List;

/** What data addresses the format has a place for. Confined to one thread. */
final class DataRules {
    private static final long BLOCKS_MAX = ChunkIndexLayout.NULL_ADDRESS_48;

    private final int blockBits;
    private final List<DeviceSlot> devices;

    DataRules(ImageOptions options) throws UnwritableTreeException {
        this.blockBits = options.blockBits();
        this.devices = options.devices();
        for (DeviceSlot device : devices) {
            if (device.blocks() >= BLOCKS_MAX) {
                throw new UnwritableTreeException(
                        "device %s of %d blocks: addresses have 48 bits"
                                .formatted(device.tagText(), device.blocks()));
            }
        }
    }

    /** Length of a file's chunk map, all addresses of which are within their device. */
    int mapBytes(ChunkList chunks, long size, int row) throws UnwritableTreeException {
        int bits = chunks.chunkBits();
        if (bits < blockBits || bits > blockBits + ChunkIndexLayout.FORMAT_BLKBITS_MASK) {
            throw refused(row, "chunks of 2^" + bits + " bytes");
        }
        long[] blocks = chunks.blocks();
        if (blocks.length != ((size - 1) >> bits) + 1) {
            throw refused(
                    row,
                    "%d chunks of 2^%d bytes for %d bytes".formatted(blocks.length, bits, size));
        }
        if (blocks.length > Integer.MAX_VALUE / ChunkIndexLayout.SIZE) {
            throw refused(row, blocks.length + " chunks");
        }
        for (int i = 0; i < blocks.length; i++) {
            if (blocks[i] != ChunkList.HOLE) {
                long rest = Math.min(size - ((long) i << bits), 1L << bits);
                check(chunks.deviceId(), blocks[i], ((rest - 1) >> blockBits) + 1, row);
            }
        }
        return blocks.length * ChunkIndexLayout.SIZE;
    }

    void check(FileData.Tailed tailed, long size, int row) throws UnwritableTreeException {
        long blocks = size >> blockBits;
        boolean known =
                tailed.deviceId() >= 1
                        && tailed.deviceId() <= devices.size()
                        && devices.get(tailed.deviceId() - 1).blocks() > 0;
        if (blocks == 0 || blocks << blockBits == size || !known) {
            throw refused(row, "blocks of a file on device " + tailed.deviceId());
        }
        check(tailed.deviceId(), tailed.block(), blocks, row);
    }

    private void check(int deviceId, long block, long needed, int row)
            throws UnwritableTreeException {
        if (deviceId < 0 || deviceId > devices.size()) {
            throw refused(row, "device " + deviceId + " of " + devices.size());
        }
        // The length of the image's own data area is known only when all of it is written.
        long deviceBlocks = deviceId == 0 ? 0 : devices.get(deviceId - 1).blocks();
        long limit = deviceBlocks > 0 ? deviceBlocks : ChunkIndexLayout.NULL_ADDRESS_32;
        if (block < 0 || block > limit - needed) {
            throw refused(
                    row,
                    "chunk at block %d of device %d, which has %d"
                            .formatted(block, deviceId, deviceBlocks));
        }
    }

    private static UnwritableTreeException refused(int row, String why) {
        return new UnwritableTreeException("file of inode " + (row + 1) + ": " + why);
    }
}
