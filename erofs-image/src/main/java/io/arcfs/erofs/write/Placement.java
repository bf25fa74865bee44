package io.arcfs.erofs.write;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.layout.ChunkIndexLayout;
import io.arcfs.erofs.layout.DeviceSlotLayout;
import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.ExtendedInodeLayout;
import io.arcfs.erofs.layout.InodeFormat;
import io.arcfs.erofs.layout.SuperBlockLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives every inode and every block of directory data its place.
 *
 * <pre>
 * | 1024 zeros | superblock | device slots | inodes, xattrs, inline data, chunk maps ... | pad |
 * | blocks of directories and long symlinks ... |
 * </pre>
 *
 * An inode stands on a 32-byte slot; inline data never crosses a block, so an inode that has some
 * moves to the next block when it must. Confined to one thread.
 */
final class Placement {
    private static final long SLOT = InodeFormat.SLOT_SIZE;
    private static final long BLOCK = ImageWriter.BLOCK_SIZE;
    private static final long ROOT_NID_MAX = 0xFFFF;

    /** Start block of what has no block of its own; the format's null address. */
    static final int NO_BLOCK = -1;

    static final long DEVICE_TABLE = SuperBlockLayout.SUPER_OFFSET + SuperBlockLayout.SIZE;

    private final InodeTable inodes;

    /** Block that nids count from: not the first one if the device table is long. */
    final long metaBlock;

    /** Length of the image. */
    final long blocks;

    private Placement(InodeTable inodes, long metaBlock, long blocks) {
        this.inodes = inodes;
        this.metaBlock = metaBlock;
        this.blocks = blocks;
    }

    static Placement of(InodeTable inodes, int devices) throws UnwritableTreeException {
        long end = DEVICE_TABLE + devices * DeviceSlotLayout.SIZE;
        for (int row = 0; row < inodes.rows; row++) {
            end = placeInode(inodes, row, up(end, SLOT));
        }
        long block = up(end, BLOCK) / BLOCK;
        for (int row = 0; row < inodes.rows; row++) {
            inodes.startBlock[row] = NO_BLOCK;
            long own = ownBlocks(inodes, row);
            if (own > 0) {
                inodes.startBlock[row] = (int) block;
                block += own;
            }
        }
        if (block >= ChunkIndexLayout.NULL_ADDRESS_32) {
            throw new UnwritableTreeException("an image of " + block + " blocks is too large");
        }
        long rootSlot = inodes.slot[0];
        long metaBlock = rootSlot > ROOT_NID_MAX ? rootSlot * SLOT / BLOCK : 0;
        return new Placement(inodes, metaBlock, block);
    }

    long nid(int row) {
        return inodes.slot[row] - metaBlock * (BLOCK / SLOT);
    }

    /** The slots with their places in the unified address space: one behind the other. */
    List<DeviceSlot> mapped(List<DeviceSlot> devices) throws UnwritableTreeException {
        List<DeviceSlot> mapped = new ArrayList<>();
        long next = blocks;
        for (DeviceSlot device : devices) {
            if (next > ChunkIndexLayout.NULL_ADDRESS_32
                    || device.blocks() > ChunkIndexLayout.NULL_ADDRESS_32) {
                throw new UnwritableTreeException(
                        "device %s of %d blocks at %d: addresses have 32 bits"
                                .formatted(device.tagText(), device.blocks(), next));
            }
            long start = device.blocks() == 0 ? 0 : next;
            mapped.add(new DeviceSlot(device.tag64(), device.blocks(), start));
            next += device.blocks();
        }
        return mapped;
    }

    /** Bytes of data that stand behind the inode. */
    static int inlineBytes(InodeTable inodes, int row) {
        return inodes.layout[row] == InodeFormat.FLAT_INLINE ? (int) (inodes.size[row] % BLOCK) : 0;
    }

    /** Blocks of data that stand elsewhere in the image. */
    private static long ownBlocks(InodeTable inodes, int row) {
        if (!hasDataInImage(inodes.type[row])) {
            return 0;
        }
        return inodes.layout[row] == InodeFormat.FLAT_INLINE
                ? inodes.size[row] / BLOCK
                : up(inodes.size[row], BLOCK) / BLOCK;
    }

    static boolean hasDataInImage(int type) {
        return type == DirentLayout.TYPE_DIRECTORY || type == DirentLayout.TYPE_SYMLINK;
    }

    /** Places an inode at {@code offset} or a little behind; returns its end. */
    private static long placeInode(InodeTable inodes, int row, long offset) {
        long head = ExtendedInodeLayout.SIZE + inodes.xattrBytes[row];
        if (hasDataInImage(inodes.type[row])) {
            long tail = inodes.size[row] % BLOCK;
            long place = fits(offset + head, tail) ? offset : up(offset, BLOCK);
            if (tail > 0 && fits(place + head, tail)) {
                inodes.layout[row] = InodeFormat.FLAT_INLINE;
                inodes.slot[row] = place / SLOT;
                return place + head + tail;
            }
            inodes.layout[row] = InodeFormat.FLAT_PLAIN;
        }
        inodes.slot[row] = offset / SLOT;
        return inodes.mapBytes[row] == 0
                ? offset + head
                : up(offset + head, ChunkIndexLayout.SIZE) + inodes.mapBytes[row];
    }

    private static boolean fits(long offset, long tail) {
        return offset % BLOCK + tail <= BLOCK;
    }

    static long up(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
