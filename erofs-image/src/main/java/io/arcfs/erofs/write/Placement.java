package io.arcfs.erofs.write;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.layout.ChunkIndexLayout;
import io.arcfs.erofs.layout.CompactInodeLayout;
import io.arcfs.erofs.layout.DeviceSlotLayout;
import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.ExtendedInodeLayout;
import io.arcfs.erofs.layout.InodeFormat;
import io.arcfs.erofs.layout.SuperBlockLayout;
import io.arcfs.erofs.layout.XattrLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives every inode and every block of directory data its place.
 *
 * <pre>
 * | 1024 zeros | superblock | device slots or data area | shared xattrs |
 * | inodes, xattrs, inline data, chunk maps ... | pad |
 * | blocks of directories, long symlinks and files without chunks ... |
 * </pre>
 *
 * An inode stands on a 32-byte slot; inline data never crosses a block, so an inode that has some
 * moves to the next block when it must. Confined to one thread.
 */
final class Placement {
    private static final long SLOT = InodeFormat.SLOT_SIZE;
    private static final long ROOT_NID_MAX = 0xFFFF;
    private static final long COMPACT_SIZE_MAX = 0xFFFF_FFFFL;
    private static final int COMPACT_MAX = 0xFFFF;
    private static final long SLOTS_MAX = 0xFFFF_FFFFL;

    static final long DEVICE_TABLE = SuperBlockLayout.SUPER_OFFSET + SuperBlockLayout.SIZE;

    private final InodeTable inodes;
    private final ImageOptions options;
    private final long blockSize;

    /** Where the metadata begins: the shared xattrs, then the inodes. */
    final long start;

    /** Slot of the first inode: those of all others count from it. */
    private final long firstSlot;

    /** Block that nids count from: not the first one if something long stands before the root. */
    long metaBlock;

    /** Block that ids of shared xattrs count from. */
    final long xattrBlock;

    /** Length of the image. */
    long blocks;

    private Placement(TreeSurvey survey, ImageOptions options, long dataBlocks) {
        this.inodes = survey.inodes;
        this.options = options;
        this.blockSize = options.blockSizeBytes();
        this.start =
                dataBlocks > 0
                        ? (firstDataBlock(options.blockBits()) + dataBlocks) * blockSize
                        : DEVICE_TABLE + options.devices().size() * DeviceSlotLayout.SIZE;
        this.xattrBlock = start / blockSize;
        this.firstSlot = up(start + survey.sharedXattrs.areaBytes(), SLOT) / SLOT;
        survey.sharedXattrs.startAt((start - xattrBlock * blockSize) / XattrLayout.ENTRY_SIZE);
    }

    static Placement of(TreeSurvey survey, ImageOptions options, long dataBlocks)
            throws UnwritableTreeException {
        if (dataBlocks > 0 && !options.devices().isEmpty()) {
            throw new IllegalArgumentException("a data area and devices");
        }
        Placement placement = new Placement(survey, options, dataBlocks);
        placement.placeInodes();
        return placement;
    }

    /** First block behind the superblock: where a data area begins. */
    static long firstDataBlock(int blockBits) {
        return ((DEVICE_TABLE - 1) >> blockBits) + 1;
    }

    /** Whether block addresses need more than 32 bits, which older kernels do not read. */
    boolean isWide() {
        return options.devices().stream()
                .anyMatch(device -> device.blocks() > ChunkIndexLayout.NULL_ADDRESS_32);
    }

    long nid(int row) {
        return slot(row) - metaBlock * (blockSize / SLOT);
    }

    /**
     * The slots with their places in the unified address space: one behind the other, as far as
     * addresses reach.
     */
    List<DeviceSlot> mapped() {
        long limit = isWide() ? ChunkIndexLayout.NULL_ADDRESS_48 : ChunkIndexLayout.NULL_ADDRESS_32;
        List<DeviceSlot> mapped = new ArrayList<>();
        long next = blocks;
        for (DeviceSlot device : options.devices()) {
            boolean fits = device.blocks() > 0 && device.blocks() <= limit - next;
            mapped.add(new DeviceSlot(device.tag64(), device.blocks(), fits ? next : 0));
            next = fits ? next + device.blocks() : next;
        }
        return mapped;
    }

    /** Where an inode stands, in slots from the start of the image. */
    long slot(int row) {
        return firstSlot + Integer.toUnsignedLong(inodes.slot.get(row));
    }

    private void setSlot(int row, long slot) throws UnwritableTreeException {
        long fromFirst = slot - firstSlot;
        if (fromFirst > SLOTS_MAX) {
            throw new UnwritableTreeException("inodes, xattrs and chunk maps of more than 128 GiB");
        }
        inodes.slot.set(row, (int) fromFirst);
    }

    /** Bytes of data that stand behind the inode. */
    int inlineBytes(int row) {
        return inodes.layout(row) == InodeFormat.FLAT_INLINE
                ? (int) (inodes.size.get(row) % blockSize)
                : 0;
    }

    /** Blocks of data that stand elsewhere in the image. */
    long ownBlocks(int row) {
        if (!hasDataInImage(row)) {
            return 0;
        }
        return inodes.layout(row) == InodeFormat.FLAT_INLINE
                ? inodes.size.get(row) / blockSize
                : up(inodes.size.get(row), blockSize) / blockSize;
    }

    private void placeInodes() throws UnwritableTreeException {
        inodes.slot.reserve(inodes.rows);
        long end = firstSlot * SLOT;
        for (int row = 0; row < inodes.rows; row++) {
            end = placeInode(row, up(end, SLOT));
        }
        long block = up(end, blockSize) / blockSize;
        for (int row = 0; row < inodes.rows; row++) {
            long own = ownBlocks(row);
            if (own > 0) {
                inodes.union.set(row, (int) block);
                block += own;
            }
        }
        if (block >= ChunkIndexLayout.NULL_ADDRESS_32) {
            throw new UnwritableTreeException("an image of " + block + " blocks is too large");
        }
        blocks = block;
        // Nids stay above 0, which some readers take for "none".
        long rootSlot = slot(0);
        metaBlock = rootSlot > ROOT_NID_MAX ? rootSlot * SLOT / blockSize - 1 : 0;
    }

    /** Places an inode at {@code offset} or a little behind; returns its end. */
    private long placeInode(int row, long offset) throws UnwritableTreeException {
        boolean compact = isCompact(row);
        inodes.setExtended(row, !compact);
        long head =
                (compact ? CompactInodeLayout.SIZE : ExtendedInodeLayout.SIZE)
                        + inodes.xattrBytes(row);
        boolean tailed = inodes.mapBytes(row) == InodeTable.TAILED;
        if (tailed || hasDataInImage(row)) {
            long tail = inodes.size.get(row) % blockSize;
            long place = tail == 0 ? -1 : placeForTail(offset, head, tail);
            if (place >= 0) {
                inodes.setLayout(row, InodeFormat.FLAT_INLINE);
                setSlot(row, place / SLOT);
                return place + head + tail;
            }
            if (tailed) {
                throw new UnwritableTreeException(
                        "inode %d: xattrs of %d bytes leave no room for the end of the file"
                                .formatted(row + 1, inodes.xattrBytes(row)));
            }
            inodes.setLayout(row, InodeFormat.FLAT_PLAIN);
        }
        setSlot(row, offset / SLOT);
        return inodes.mapBytes(row) == 0
                ? offset + head
                : up(offset + head, ChunkIndexLayout.SIZE) + inodes.mapBytes(row);
    }

    /** Where an inode whose tail must not cross a block can stand; negative: nowhere near. */
    private long placeForTail(long offset, long head, long tail) {
        if (fits(offset + head, tail)) {
            return offset;
        }
        long nextBlock = up(offset, blockSize);
        if (fits(nextBlock + head, tail)) {
            return nextBlock;
        }
        // Long xattrs: the tail begins with a block, or just behind its beginning.
        long tailFirst = up(up(offset + head, blockSize) - head, SLOT);
        return fits(tailFirst + head, tail) ? tailFirst : -1;
    }

    private boolean fits(long offset, long tail) {
        return offset % blockSize + tail <= blockSize;
    }

    /** The short form has room for small numbers, and for one mtime: the image's own. */
    private boolean isCompact(int row) {
        return inodes.size.get(row) <= COMPACT_SIZE_MAX
                && inodes.mtimeSeconds.get(row) == options.epochSeconds()
                && inodes.mtimeNanos.get(row) == options.epochNanos()
                && Integer.compareUnsigned(inodes.uid.get(row), COMPACT_MAX) <= 0
                && Integer.compareUnsigned(inodes.gid.get(row), COMPACT_MAX) <= 0
                && inodes.links.get(row) <= COMPACT_MAX;
    }

    /** Directories, symlinks, and files without chunks. */
    private boolean hasDataInImage(int row) {
        return switch (inodes.type(row)) {
            case DirentLayout.TYPE_DIRECTORY, DirentLayout.TYPE_SYMLINK -> true;
            case DirentLayout.TYPE_REGULAR -> inodes.size.get(row) > 0 && inodes.mapBytes(row) == 0;
            default -> false;
        };
    }

    static long up(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
