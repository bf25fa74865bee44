package io.arcfs.erofs.write;

import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.InodeFormat;

/**
 * What the writer remembers per inode between measuring and emitting: columns instead of objects,
 * 62 bytes a row, and 20 more for a directory. Row 0 is the root. Confined to one thread.
 */
final class InodeTable {
    /** Start block of what has no block of its own; the format's null address. */
    static final int NO_BLOCK = -1;

    static final int TAILED = -1;

    /** The source's key. */
    final LongColumn key = new LongColumn();

    /** Type and permissions. */
    final CharColumn mode = new CharColumn();

    final IntColumn uid = new IntColumn();
    final IntColumn gid = new IntColumn();
    final LongColumn mtimeSeconds = new LongColumn();
    final IntColumn mtimeNanos = new IntColumn();

    /** i_ino, 0: the row. */
    final IntColumn number = new IntColumn();

    /** i_format: version and data layout. */
    private final CharColumn format = new CharColumn();

    final IntColumn links = new IntColumn();

    /** Bytes of data: of the dirents, of the target, of the file. */
    final LongColumn size = new LongColumn();

    /** i_xattr_icount. */
    final CharColumn xattrUnits = new CharColumn();

    /** Of a directory its number in {@link #directories}, of a file {@link #mapBytes}. */
    private final IntColumn detail = new IntColumn();

    /**
     * Where the inode stands, in slots of 32 bytes from the first inode's. There is room for it
     * when the tree was walked.
     */
    final IntColumn slot = new IntColumn();

    /** i_u: first block of data outside the inode, or a device's number. */
    final IntColumn union = new IntColumn();

    final DirectoryTable directories = new DirectoryTable();

    int rows;

    private int capacity;

    int add() {
        if (rows == capacity) {
            grow();
        }
        return rows++;
    }

    private void grow() {
        int wanted = Math.addExact(rows, 1);
        key.reserve(wanted);
        mode.reserve(wanted);
        uid.reserve(wanted);
        gid.reserve(wanted);
        mtimeSeconds.reserve(wanted);
        mtimeNanos.reserve(wanted);
        number.reserve(wanted);
        format.reserve(wanted);
        links.reserve(wanted);
        size.reserve(wanted);
        xattrUnits.reserve(wanted);
        detail.reserve(wanted);
        union.reserve(wanted);
        capacity = key.capacity();
    }

    /** Type as a dirent has it. */
    int type(int row) {
        return DirentLayout.typeOfMode(mode.get(row));
    }

    boolean isDirectory(int row) {
        return (mode.get(row) & InodeFormat.S_IFMT) == InodeFormat.S_IFDIR;
    }

    /** Makes the inode a directory of the table of directories. */
    void setDirectory(int row, int directory) {
        detail.set(row, directory);
    }

    /** A directory's number in the table of directories. */
    int directory(int row) {
        return detail.get(row);
    }

    /**
     * Chunk-based files: bytes of the chunk map. {@link #TAILED}: the file's blocks are on a
     * device, its end is behind the inode.
     */
    int mapBytes(int row) {
        return isDirectory(row) ? 0 : detail.get(row);
    }

    void setMapBytes(int row, int bytes) {
        detail.set(row, bytes);
    }

    /** Length of the encoded xattrs. */
    int xattrBytes(int row) {
        return XattrEncoder.lengthBytes(xattrUnits.get(row));
    }

    void setXattrBytes(int row, int bytes) {
        xattrUnits.set(row, (char) XattrEncoder.icount(bytes));
    }

    int format(int row) {
        return format.get(row);
    }

    int layout(int row) {
        return format.get(row) >> InodeFormat.LAYOUT_SHIFT;
    }

    boolean isExtended(int row) {
        return (format.get(row) & InodeFormat.EXTENDED) != 0;
    }

    void setExtended(int row, boolean extended) {
        int others = format.get(row) & ~InodeFormat.EXTENDED;
        format.set(row, (char) (others | (extended ? InodeFormat.EXTENDED : 0)));
    }

    void setLayout(int row, int layout) {
        int version = format.get(row) & InodeFormat.EXTENDED;
        format.set(row, (char) (version | (layout << InodeFormat.LAYOUT_SHIFT)));
    }
}
