package io.arcfs.erofs.write;

import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.InodeFormat;
import java.util.Arrays;

/**
 * What the writer remembers per inode between measuring and emitting: columns instead of objects,
 * about 90 bytes a row. Row 0 is the root. Confined to one thread.
 */
final class InodeTable {
    private static final int FIRST_CAPACITY = 64;

    /** Start block of what has no block of its own; the format's null address. */
    static final int NO_BLOCK = -1;

    static final int TAILED = -1;

    /** The source's key. */
    long[] key = new long[FIRST_CAPACITY];

    /** Type and permissions. */
    char[] mode = new char[FIRST_CAPACITY];

    int[] uid = new int[FIRST_CAPACITY];
    int[] gid = new int[FIRST_CAPACITY];
    long[] mtimeSeconds = new long[FIRST_CAPACITY];
    int[] mtimeNanos = new int[FIRST_CAPACITY];

    /** i_ino, 0: the row. */
    int[] number = new int[FIRST_CAPACITY];

    /** i_format: version and data layout. */
    byte[] format = new byte[FIRST_CAPACITY];

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

    /**
     * Chunk-based files: bytes of the chunk map. {@link #TAILED}: the file's blocks are on a
     * device, its end is behind the inode.
     */
    int[] mapBytes = new int[FIRST_CAPACITY];

    /** Where the inode stands, in slots of 32 bytes from the start of the image. */
    long[] slot = new long[FIRST_CAPACITY];

    /** i_u: first block of data outside the inode, or a device's number. */
    int[] union = new int[FIRST_CAPACITY];

    int rows;

    int add() {
        if (rows == key.length) {
            grow(rows + (rows >> 1));
        }
        return rows++;
    }

    /** Type as a dirent has it. */
    int type(int row) {
        return DirentLayout.typeOfMode(mode[row]);
    }

    boolean isDirectory(int row) {
        return (mode[row] & InodeFormat.S_IFMT) == InodeFormat.S_IFDIR;
    }

    int layout(int row) {
        return format[row] >> InodeFormat.LAYOUT_SHIFT;
    }

    boolean isExtended(int row) {
        return (format[row] & InodeFormat.EXTENDED) != 0;
    }

    void setLayout(int row, int layout) {
        format[row] =
                (byte)
                        ((format[row] & InodeFormat.EXTENDED)
                                | (layout << InodeFormat.LAYOUT_SHIFT));
    }

    private void grow(int capacity) {
        key = Arrays.copyOf(key, capacity);
        mode = Arrays.copyOf(mode, capacity);
        uid = Arrays.copyOf(uid, capacity);
        gid = Arrays.copyOf(gid, capacity);
        mtimeSeconds = Arrays.copyOf(mtimeSeconds, capacity);
        mtimeNanos = Arrays.copyOf(mtimeNanos, capacity);
        number = Arrays.copyOf(number, capacity);
        format = Arrays.copyOf(format, capacity);
        links = Arrays.copyOf(links, capacity);
        parent = Arrays.copyOf(parent, capacity);
        firstName = Arrays.copyOf(firstName, capacity);
        firstChild = Arrays.copyOf(firstChild, capacity);
        childCount = Arrays.copyOf(childCount, capacity);
        size = Arrays.copyOf(size, capacity);
        xattrBytes = Arrays.copyOf(xattrBytes, capacity);
        mapBytes = Arrays.copyOf(mapBytes, capacity);
        slot = Arrays.copyOf(slot, capacity);
        union = Arrays.copyOf(union, capacity);
    }
}
