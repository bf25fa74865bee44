package io.arcfs.erofs;

import static io.arcfs.erofs.layout.LittleEndian.i64;
import static io.arcfs.erofs.layout.LittleEndian.u16;
import static io.arcfs.erofs.layout.LittleEndian.u8;

import io.arcfs.erofs.layout.DirentLayout;
import java.lang.foreign.MemorySegment;

/**
 * Finds names in directories: a binary search over the blocks by their first names, then one inside
 * a block. Trusts nothing it has not checked, allocates nothing. Thread-safe.
 */
final class Directory {
    private final ImageBytes image;
    private final MemorySegment bytes;
    private final int blockBits;
    private final InodeReader inodes;
    private final DataMap data;

    Directory(ImageBytes image, SuperBlock superBlock, InodeReader inodes, DataMap data) {
        this.image = image;
        this.bytes = image.segment;
        this.blockBits = superBlock.blockBits();
        this.inodes = inodes;
        this.data = data;
    }

    /** The nid behind a name, or {@link ErofsImage#ABSENT}. */
    long lookup(long inode, byte[] name) throws CorruptImageException {
        long low = 0;
        long high = blockCount(inode) - 1;
        // The last block whose first name is not behind the wanted one.
        while (low <= high) {
            long middle = (low + high) >>> 1;
            long block = blockAddress(inode, middle);
            int length = blockLength(inode, middle);
            int count = direntCount(block, length);
            int order = compare(name, block, length, count, 0);
            if (order == 0) {
                return nid(block, 0);
            }
            if (order < 0) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return high < 0 ? ErofsImage.ABSENT : lookupInBlock(inode, high, name);
    }

    private long lookupInBlock(long inode, long blockIndex, byte[] name)
            throws CorruptImageException {
        long block = blockAddress(inode, blockIndex);
        int length = blockLength(inode, blockIndex);
        int count = direntCount(block, length);
        int low = 1;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(name, block, length, count, middle);
            if (order == 0) {
                return nid(block, middle);
            }
            if (order < 0) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return ErofsImage.ABSENT;
    }

    long blockCount(long inode) {
        long size = inodes.size(inode);
        return size == 0 ? 0 : ((size - 1) >> blockBits) + 1;
    }

    long blockAddress(long inode, long blockIndex) throws CorruptImageException {
        return data.metadataAddress(inode, blockIndex << blockBits, blockLength(inode, blockIndex));
    }

    /** All blocks are full but the last, which ends where the directory ends. */
    int blockLength(long inode, long blockIndex) {
        return (int) Math.min(1L << blockBits, inodes.size(inode) - (blockIndex << blockBits));
    }

    /** The first name begins behind the last dirent, which says how many there are. */
    int direntCount(long block, int length) throws CorruptImageException {
        image.require(block, Math.max(length, DirentLayout.SIZE), "directory block");
        int first = nameOffset(block, 0);
        if (first < DirentLayout.SIZE || first >= length || first % DirentLayout.SIZE != 0) {
            throw image.corrupt(block, "first name at " + first + " of a directory block");
        }
        return first / DirentLayout.SIZE;
    }

    int nameOffset(long block, int dirent) {
        return u16(bytes, block + (long) dirent * DirentLayout.SIZE + DirentLayout.NAMEOFF);
    }

    /** Length of a name, which is known to lie within its block. */
    int nameLength(long block, int length, int count, int dirent) throws CorruptImageException {
        int start = nameOffset(block, dirent);
        int end = length;
        if (dirent + 1 < count) {
            end = nameOffset(block, dirent + 1);
        } else if (start < length) {
            end = start;
            while (end < length && u8(bytes, block + end) != 0) {
                end++;
            }
        }
        if (end > length || end <= start || end - start > DirentLayout.NAME_MAX) {
            throw image.corrupt(
                    block + (long) dirent * DirentLayout.SIZE,
                    "a name from " + start + " to " + end + " of a directory block");
        }
        return end - start;
    }

    long nid(long block, int dirent) throws CorruptImageException {
        long at = block + (long) dirent * DirentLayout.SIZE;
        long nid = i64(bytes, at + DirentLayout.NID);
        if (nid < 0) {
            throw image.corrupt(at, "inode " + Long.toUnsignedString(nid) + " in a dirent");
        }
        return nid;
    }

    int fileType(long block, int dirent) {
        return u8(bytes, block + (long) dirent * DirentLayout.SIZE + DirentLayout.FILE_TYPE);
    }

    /** Unsigned order of bytes, the shorter first: what the names are sorted by. */
    private int compare(byte[] name, long block, int length, int count, int dirent)
            throws CorruptImageException {
        int otherLength = nameLength(block, length, count, dirent);
        long other = block + nameOffset(block, dirent);
        int common = Math.min(name.length, otherLength);
        for (int i = 0; i < common; i++) {
            int order = Byte.toUnsignedInt(name[i]) - u8(bytes, other + i);
            if (order != 0) {
                return order;
            }
        }
        return name.length - otherLength;
    }
}
