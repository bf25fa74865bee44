package io.arcfs.overlay.round;

import io.arcfs.erofs.ChunkList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the data of a layer's files was put: some 36 bytes for a file of one chunk. First every
 * file is announced, then placed, in any order. Confined to the round's thread.
 */
final class PlacedFiles {
    /** As the catalog counts them, 32 bits without a sign, ascending. */
    private int[] inodes = new int[64];

    private int count;

    /** Of each file its blocks. */
    private long[] @Nullable [] blocks = new long[0][];

    private int chunkBits;
    private int deviceId;

    /** Announces a file, which has a higher number than those before. */
    void announce(long inode) {
        if (count > 0 && Integer.compareUnsigned(inodes[count - 1], (int) inode) >= 0) {
            throw new IllegalArgumentException("inode " + inode + " out of order");
        }
        if (count == inodes.length) {
            inodes = Arrays.copyOf(inodes, count + (count >> 1));
        }
        inodes[count++] = (int) inode;
    }

    int count() {
        return count;
    }

    /** The number of a file by its place among those announced. */
    long inode(int index) {
        return Integer.toUnsignedLong(inodes[index]);
    }

    /** All files of a round have chunks of one length on one device. */
    void put(long inode, ChunkList placed) {
        int index = indexOf(inode);
        if (index < 0) {
            throw new IllegalArgumentException("inode " + inode + " was not announced");
        }
        if (blocks.length < count) {
            blocks = Arrays.copyOf(blocks, count);
        }
        blocks[index] = placed.blocks();
        chunkBits = placed.chunkBits();
        deviceId = placed.deviceId();
    }

    /** Where the data of a file is; null if it was not placed. */
    @Nullable ChunkList get(long inode) {
        int index = indexOf(inode);
        long[] placed = index < 0 || index >= blocks.length ? null : blocks[index];
        return placed == null ? null : new ChunkList(chunkBits, deviceId, placed);
    }

    private int indexOf(long inode) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Integer.compareUnsigned(inodes[middle], (int) inode);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }
}
