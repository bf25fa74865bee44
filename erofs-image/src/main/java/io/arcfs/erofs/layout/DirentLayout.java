package io.arcfs.erofs.layout;

import static io.arcfs.erofs.layout.LittleEndian.U16;
import static io.arcfs.erofs.layout.LittleEndian.U64;
import static io.arcfs.erofs.layout.LittleEndian.U8;
import static io.arcfs.erofs.layout.LittleEndian.offset;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/** {@code struct erofs_dirent}: 12 bytes at the head of a directory block, names behind. */
public final class DirentLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    U64.withName("nid"),
                    U16.withName("nameoff"),
                    U8.withName("file_type"),
                    U8.withName("reserved"));

    public static final int SIZE = (int) LAYOUT.byteSize();
    public static final int NAME_MAX = 255;

    public static final long NID = offset(LAYOUT, "nid");
    public static final long NAMEOFF = offset(LAYOUT, "nameoff");
    public static final long FILE_TYPE = offset(LAYOUT, "file_type");

    public static final int TYPE_UNKNOWN = 0;
    public static final int TYPE_REGULAR = 1;
    public static final int TYPE_DIRECTORY = 2;
    public static final int TYPE_CHARACTER = 3;
    public static final int TYPE_BLOCK = 4;
    public static final int TYPE_FIFO = 5;
    public static final int TYPE_SOCKET = 6;
    public static final int TYPE_SYMLINK = 7;

    private DirentLayout() {}

    /** The dirent type that goes with a mode, {@link #TYPE_UNKNOWN} for a bogus mode. */
    public static int typeOfMode(int mode) {
        return switch (mode & InodeFormat.S_IFMT) {
            case InodeFormat.S_IFREG -> TYPE_REGULAR;
            case InodeFormat.S_IFDIR -> TYPE_DIRECTORY;
            case InodeFormat.S_IFCHR -> TYPE_CHARACTER;
            case InodeFormat.S_IFBLK -> TYPE_BLOCK;
            case InodeFormat.S_IFIFO -> TYPE_FIFO;
            case InodeFormat.S_IFSOCK -> TYPE_SOCKET;
            case InodeFormat.S_IFLNK -> TYPE_SYMLINK;
            default -> TYPE_UNKNOWN;
        };
    }
}
