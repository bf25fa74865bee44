package io.arcfs.overlay.catalog;

/**
 * What a layer's directory says of a name.
 *
 * @param inode the inode's number, or {@link #TOMBSTONE}: the name exists neither here nor below
 * @param type type bits of its mode
 */
public record Dirent(long inode, int type) {
    private static final int VERSION = 1;

    /** No inode has this number. */
    public static final long NO_INODE = 0;

    public static final Dirent TOMBSTONE = new Dirent(NO_INODE, 0);

    public boolean isTombstone() {
        return inode == NO_INODE;
    }

    byte[] toBytes() {
        return new RecordWriter(VERSION).i32((int) inode).i32(type).toBytes();
    }

    static Dirent of(byte[] bytes) {
        RecordReader r = new RecordReader("dirent", VERSION, bytes);
        return new Dirent(r.i32() & 0xFFFF_FFFFL, r.i32());
    }
}
