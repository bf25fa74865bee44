package io.arcfs.erofs;

import static io.arcfs.erofs.layout.LittleEndian.u16;
import static io.arcfs.erofs.layout.LittleEndian.u32;

import io.arcfs.erofs.layout.ChunkIndexLayout;
import java.util.List;

/**
 * Says where an inode's bytes lie: flat, inline, chunk map, device slots and the unified address
 * space. Every address it gives lies on its device. Thread-safe.
 */
final class DataMap {
    /** How many chunks in a row one extent joins at most, so that its cost has a bound. */
    private static final int JOINED_CHUNKS = 64;

    private static final int FLAT_CHUNK_BITS = 22;
    private static final int MAX_CHUNK_BITS = 43;

    private final ImageBytes image;
    private final int blockBits;
    private final List<DeviceSlot> slots;
    private final int deviceIdMask;
    private final InodeReader inodes;

    /** Below it is nothing but the image itself. */
    private final long firstMapped;

    DataMap(ImageBytes image, SuperBlock superBlock, List<DeviceSlot> slots, InodeReader inodes) {
        this.image = image;
        this.blockBits = superBlock.blockBits();
        this.slots = slots;
        // As the kernel: bits of a device id above those that are needed are ignored.
        this.deviceIdMask = slots.isEmpty() ? 0 : (Integer.highestOneBit(slots.size()) << 1) - 1;
        this.inodes = inodes;
        this.firstMapped =
                slots.stream()
                        .mapToLong(DeviceSlot::unifiedBlock)
                        .filter(block -> block != 0)
                        .map(this::bytesOf)
                        .min()
                        .orElse(Long.MAX_VALUE);
    }

    /** The run of bytes at {@code offset}, which lies within the file. */
    Extent extentAt(long inode, long offset)
            throws CorruptImageException, UnsupportedImageException {
        long size = inodes.size(inode);
        if (offset < 0 || offset >= size) {
            throw new IllegalArgumentException("no byte " + offset + " in a file of " + size);
        }
        return switch (inodes.layout(inode)) {
            case FLAT_PLAIN -> flat(inode, offset, size - offset);
            case FLAT_INLINE -> {
                long tail = (size - 1) >> blockBits << blockBits;
                yield offset < tail
                        ? flat(inode, offset, tail - offset)
                        : new Extent.Mapped(
                                0, inlineOffset(inode, size) + offset - tail, size - offset);
            }
            case CHUNK_BASED -> new ChunkMap(inode).extentAt(offset);
            case COMPRESSED_FULL, COMPRESSED_COMPACT -> throw compressed();
        };
    }

    ChunkMap chunkMap(long inode) throws CorruptImageException {
        return new ChunkMap(inode);
    }

    /** Where an inode ends, with what stands behind it. */
    long endOf(long inode) throws CorruptImageException {
        long size = inodes.size(inode);
        return switch (inodes.layout(inode)) {
            case FLAT_INLINE -> {
                long blockMask = (1L << blockBits) - 1;
                yield size == 0
                        ? inodes.bodyOffset(inode)
                        : inlineOffset(inode, size) + ((size - 1) & blockMask) + 1;
            }
            case CHUNK_BASED -> new ChunkMap(inode).end();
            case FLAT_PLAIN, COMPRESSED_FULL, COMPRESSED_COMPACT -> inodes.bodyOffset(inode);
        };
    }

    /** Blocks in a row, cut into chunks. */
    ChunkList flatAsChunks(long inode) throws CorruptImageException {
        long size = inodes.size(inode);
        if (size == 0) {
            return new ChunkList(FLAT_CHUNK_BITS, 0, new long[0]);
        }
        long start = inodes.startBlock(inode);
        boolean hole = start == InodeReader.NO_BLOCK;
        // A hole of any size is one or few chunks; data is as long as its device.
        int bits = hole ? MAX_CHUNK_BITS : FLAT_CHUNK_BITS;
        int device = 0;
        if (!hole) {
            Extent.Mapped run = onDevice(inode, 0, bytesOf(start), size);
            if (run.lengthBytes() < size) {
                throw image.corrupt(inode, "flat data that runs over a device's end");
            }
            device = run.deviceId();
            start = run.addressBytes() >> blockBits;
        }
        long[] blocks = new long[(int) (((size - 1) >> bits) + 1)];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = hole ? ChunkList.HOLE : start + ((long) i << (bits - blockBits));
        }
        return new ChunkList(bits, device, blocks);
    }

    /**
     * Where {@code length} bytes at {@code offset} of a directory lie in the image. Lookups ask for
     * every block they look into, so this makes no objects but for directories of chunks.
     */
    long metadataAddress(long inode, long offset, long length) throws CorruptImageException {
        long size = inodes.size(inode);
        return switch (inodes.layout(inode)) {
            case FLAT_PLAIN -> flatInImage(inode, offset, size - offset);
            case FLAT_INLINE -> {
                long tail = (size - 1) >> blockBits << blockBits;
                yield offset < tail
                        ? flatInImage(inode, offset, tail - offset)
                        : inlineOffset(inode, size) + offset - tail;
            }
            case CHUNK_BASED -> inImage(inode, new ChunkMap(inode).extentAt(offset), length);
            case COMPRESSED_FULL, COMPRESSED_COMPACT ->
                    throw image.corrupt(inode, "a compressed directory");
        };
    }

    private long flatInImage(long inode, long offset, long length) throws CorruptImageException {
        long block = inodes.startBlock(inode);
        long address = block == InodeReader.NO_BLOCK ? -1 : bytesOf(block) + offset;
        if (block == InodeReader.NO_BLOCK || slotAt(address) >= 0) {
            throw notInImage(inode);
        }
        if (address < 0 || address > image.size() - length) {
            throw beyond(inode, 0, address, length, image.size());
        }
        return address;
    }

    private long inImage(long inode, Extent extent, long length) throws CorruptImageException {
        if (extent instanceof Extent.Mapped(int device, long address, long run)
                && device == 0
                && run >= length) {
            return address;
        }
        throw notInImage(inode);
    }

    private CorruptImageException notInImage(long inode) {
        return image.corrupt(inode, "a directory whose data is not in the image");
    }

    /** The last bytes of a flat inline inode stand behind it and must not leave its block. */
    private long inlineOffset(long inode, long size) throws CorruptImageException {
        long blockSize = 1L << blockBits;
        long offset = inodes.bodyOffset(inode);
        long tail = ((size - 1) & (blockSize - 1)) + 1;
        if ((offset & (blockSize - 1)) + tail > blockSize) {
            throw image.corrupt(inode, "inline data of " + tail + " bytes crosses a block");
        }
        image.require(offset, tail, "inline data");
        return offset;
    }

    private Extent flat(long inode, long offset, long length) throws CorruptImageException {
        long block = inodes.startBlock(inode);
        if (block == InodeReader.NO_BLOCK) {
            return new Extent.Hole(length);
        }
        return onDevice(inode, 0, bytesOf(block) + offset, length);
    }

    /** Resolves device id and address to a place on a device that really exists. */
    private Extent.Mapped onDevice(long inode, int deviceId, long address, long length)
            throws CorruptImageException {
        int id = deviceId & deviceIdMask;
        if (id > slots.size()) {
            throw image.corrupt(inode, "data on device " + deviceId + " of " + slots.size());
        }
        int slot = id == 0 ? slotAt(address) : -1;
        if (slot >= 0) {
            long inDevice = address - bytesOf(slots.get(slot).unifiedBlock());
            long run = Math.min(length, bytesOf(slots.get(slot).blocks()) - inDevice);
            return new Extent.Mapped(slot + 1, inDevice, run);
        }
        long deviceBytes = id == 0 ? image.size() : lengthOf(slots.get(id - 1));
        if (address < 0 || address > deviceBytes - length) {
            throw beyond(inode, id, address, length, deviceBytes);
        }
        return new Extent.Mapped(id, address, length);
    }

    /** The device whose place in the unified address space holds an address; negative: none. */
    private int slotAt(long address) {
        for (int i = address < firstMapped ? slots.size() : 0; i < slots.size(); i++) {
            DeviceSlot slot = slots.get(i);
            long start = bytesOf(slot.unifiedBlock());
            long inDevice = address - start;
            if (start != 0 && inDevice >= 0 && inDevice < bytesOf(slot.blocks())) {
                return i;
            }
        }
        return -1;
    }

    private CorruptImageException beyond(
            long inode, int device, long address, long length, long deviceBytes) {
        return image.corrupt(
                inode,
                "data of %d bytes at %d runs beyond device %d of %d bytes"
                        .formatted(length, address, device, deviceBytes));
    }

    /** Old makers leave the length 0; then only the device itself knows. */
    private long lengthOf(DeviceSlot slot) {
        return slot.blocks() == 0 ? Long.MAX_VALUE : bytesOf(slot.blocks());
    }

    /** Block addresses have 48 bits, blocks up to 2^16 bytes: what is too much is on no device. */
    private long bytesOf(long blocks) {
        return blocks > Long.MAX_VALUE >> blockBits ? Long.MAX_VALUE : blocks << blockBits;
    }

    UnsupportedImageException compressed() {
        return new UnsupportedImageException("a compressed file (" + image.name() + ")");
    }

    /** The chunk map of one inode. Thread-safe. */
    final class ChunkMap {
        private final long inode;
        private final long size;
        private final int chunkBits;
        private final boolean indexes;
        private final boolean wide;
        private final int unit;
        private final long mapOffset;
        private final long count;

        private ChunkMap(long inode) throws CorruptImageException {
            this.inode = inode;
            this.size = inodes.size(inode);
            long format = inodes.union(inode);
            if ((format & ~ChunkIndexLayout.FORMAT_ALL) != 0) {
                throw image.corrupt(inode, "unknown bits in chunk format 0x%x".formatted(format));
            }
            this.chunkBits = blockBits + (int) (format & ChunkIndexLayout.FORMAT_BLKBITS_MASK);
            this.indexes = (format & ChunkIndexLayout.FORMAT_INDEXES) != 0;
            this.wide = (format & ChunkIndexLayout.FORMAT_48BIT) != 0;
            this.unit = indexes ? ChunkIndexLayout.SIZE : ChunkIndexLayout.BLOCK_MAP_SIZE;
            this.mapOffset = (inodes.bodyOffset(inode) + unit - 1) & -unit;
            this.count = size == 0 ? 0 : ((size - 1) >> chunkBits) + 1;
            if (count > image.size() / unit) {
                throw image.corrupt(inode, "size " + size + " needs more chunks than the image");
            }
            image.require(mapOffset, count * unit, "chunk map");
        }

        int chunkBits() {
            return chunkBits;
        }

        long count() {
            return count;
        }

        long offset() {
            return mapOffset;
        }

        boolean hasIndexes() {
            return indexes;
        }

        boolean isWide() {
            return wide && indexes;
        }

        long end() {
            return mapOffset + count * unit;
        }

        boolean isHole(long chunk) {
            return address(chunk) == nullAddress();
        }

        /** Where chunk {@code chunk}, which is no hole, lies; its length is rounded to a block. */
        Extent.Mapped chunk(long chunk) throws CorruptImageException {
            return onDevice(inode, deviceId(chunk), bytesOf(address(chunk)), stored(chunk));
        }

        private Extent extentAt(long offset) throws CorruptImageException {
            long chunk = offset >> chunkBits;
            long inChunk = offset & ((1L << chunkBits) - 1);
            long end = Math.min(count, chunk + JOINED_CHUNKS);
            long next = chunk + 1;
            if (isHole(chunk)) {
                while (next < end && isHole(next)) {
                    next++;
                }
                return new Extent.Hole(endOf(next) - offset);
            }
            long address = bytesOf(address(chunk));
            int device = deviceId(chunk);
            while (next < end
                    && !isHole(next)
                    && deviceId(next) == device
                    && bytesOf(address(next)) == address + ((next - chunk) << chunkBits)) {
                next++;
            }
            // Asked for the stored length, rounded to a block, as a reader of blocks would.
            long stored = ((next - chunk - 1) << chunkBits) + stored(next - 1) - inChunk;
            Extent.Mapped run = onDevice(inode, device, address + inChunk, stored);
            long length = Math.min(run.lengthBytes(), endOf(next) - offset);
            return new Extent.Mapped(run.deviceId(), run.addressBytes(), length);
        }

        private long endOf(long chunk) {
            return chunk >= count ? size : chunk << chunkBits;
        }

        /** Bytes that a chunk takes: whole blocks. */
        long stored(long chunk) {
            long blockMask = (1L << blockBits) - 1;
            long rest = size - (chunk << chunkBits);
            return rest >= 1L << chunkBits ? 1L << chunkBits : (rest + blockMask) & ~blockMask;
        }

        private long nullAddress() {
            return wide && indexes
                    ? ChunkIndexLayout.NULL_ADDRESS_48
                    : ChunkIndexLayout.NULL_ADDRESS_32;
        }

        private long address(long chunk) {
            if (!indexes) {
                return u32(image.segment, mapOffset + chunk * ChunkIndexLayout.BLOCK_MAP_SIZE);
            }
            long index = mapOffset + chunk * ChunkIndexLayout.SIZE;
            long low = u32(image.segment, index + ChunkIndexLayout.STARTBLK_LO);
            return wide
                    ? low | (long) u16(image.segment, index + ChunkIndexLayout.STARTBLK_HI) << 32
                    : low;
        }

        private int deviceId(long chunk) {
            return indexes
                    ? u16(
                            image.segment,
                            mapOffset + chunk * ChunkIndexLayout.SIZE + ChunkIndexLayout.DEVICE_ID)
                    : 0;
        }
    }
}
