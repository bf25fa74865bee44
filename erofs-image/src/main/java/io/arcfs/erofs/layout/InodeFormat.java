package io.arcfs.erofs.layout;

/** The bits of i_format, and of the mode it goes with. Immutable. */
public final class InodeFormat {
    /** Inodes stand on slots of this size; a nid counts them. */
    public static final int SLOT_BITS = 5;

    public static final long SLOT_SIZE = 1L << SLOT_BITS;

    public static final int EXTENDED = 0x1;
    public static final int LAYOUT_SHIFT = 1;
    public static final int LAYOUT_MASK = 0x7;

    /** For a directory: "." is omitted; for a compact other inode: one link, i_nb is free. */
    public static final int DOT_OMITTED_OR_NLINK_1 = 0x10;

    public static final int ALL = 0x1F;

    public static final int FLAT_PLAIN = 0;
    public static final int FLAT_INLINE = 2;
    public static final int CHUNK_BASED = 4;

    public static final int S_IFMT = 0xF000;
    public static final int S_IFIFO = 0x1000;
    public static final int S_IFCHR = 0x2000;
    public static final int S_IFDIR = 0x4000;
    public static final int S_IFBLK = 0x6000;
    public static final int S_IFREG = 0x8000;
    public static final int S_IFLNK = 0xA000;
    public static final int S_IFSOCK = 0xC000;

    /** Longest symlink target: PATH_MAX without the NUL. */
    public static final int SYMLINK_MAX = 4095;

    private InodeFormat() {}
}
