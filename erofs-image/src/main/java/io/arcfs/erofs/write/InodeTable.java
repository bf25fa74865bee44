package io.arcfs.erofs.write;

import java.util.Arrays;

/**
 * What the writer remembers per inode between measuring and emitting: columns instead of objects,
 * about 70 bytes a row. Row 0 is the root. Confined to one thread.
 */
final class InodeTable {
    private static final int FIRST_CAPACITY = 64;

    /** The source's key. */
    long[] key = new long[FIRST_CAPACITY];

    /** Dirent type. */
    byte[] type = new byte[FIRST_CAPACITY];

    /** Data layout, by its number on disk. */
    byte[] layout = new byte[FIRST_CAPACITY];

    int[] links = new int[FIRST_CAPACITY];

    /** Directories: row of the parent. */
    int[] parent = new int[FIRST_CAPACITY];

    /** Directories: where its names start in the pool, and their rows in the list of children. */
    long[] firstName = new long[FIRST_CAPACITY];

    int[] firstChild = new int[FIRST_CAPACITY];
    int[] childCount = new int[FIRST_CAPACITY];

    /** Bytes of data: of the dirents, of the target, of the file. */
    long[] size = new long[FIRST_CAPACITY];

    int[] xattrBytes = new int[FIRST_CAPACITY];

    /** Regular files: bytes of the chunk map. */
    int[] mapBytes = new int[FIRST_CAPACITY];

    /** Where the inode stands, in slots of 32 bytes from the start of the image. */
    long[] slot = new long[FIRST_CAPACITY];

    /** First block of data outside the inode. */
    int[] startBlock = new int[FIRST_CAPACITY];

    int rows;

    int add() {
        if (rows == key.length) {
            grow(rows + (rows >> 1));
        }
        return rows++;
    }

    private void grow(int capacity) {
        key = Arrays.copyOf(key, capacity);
        type = Arrays.copyOf(type, capacity);
        layout = Arrays.copyOf(layout, capacity);
        links = Arrays.copyOf(links, capacity);
        parent = Arrays.copyOf(parent, capacity);
        firstName = Arrays.copyOf(firstName, capacity);
        firstChild = Arrays.copyOf(firstChild, capacity);
        childCount = Arrays.copyOf(childCount, capacity);
        size = Arrays.copyOf(size, capacity);
        xattrBytes = Arrays.copyOf(xattrBytes, capacity);
        mapBytes = Arrays.copyOf(mapBytes, capacity);
        slot = Arrays.copyOf(slot, capacity);
        startBlock = Arrays.copyOf(startBlock, capacity);
    }
}
