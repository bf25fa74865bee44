package io.arcfs.erofs.layout;

import static io.arcfs.erofs.layout.LittleEndian.U16;
import static io.arcfs.erofs.layout.LittleEndian.U32;
import static io.arcfs.erofs.layout.LittleEndian.U64;
import static io.arcfs.erofs.layout.LittleEndian.bytes;
import static io.arcfs.erofs.layout.LittleEndian.offset;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/** {@code struct erofs_inode_extended}: 64 bytes. */
public final class ExtendedInodeLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    U16.withName("i_format"),
                    U16.withName("i_xattr_icount"),
                    U16.withName("i_mode"),
                    U16.withName("i_nb"),
                    U64.withName("i_size"),
                    U32.withName("i_u"),
                    U32.withName("i_ino"),
                    U32.withName("i_uid"),
                    U32.withName("i_gid"),
                    U64.withName("i_mtime"),
                    U32.withName("i_mtime_nsec"),
                    U32.withName("i_nlink"),
                    bytes("i_reserved2", 16));

    public static final long SIZE = LAYOUT.byteSize();

    public static final long FORMAT = offset(LAYOUT, "i_format");
    public static final long XATTR_ICOUNT = offset(LAYOUT, "i_xattr_icount");
    public static final long MODE = offset(LAYOUT, "i_mode");
    public static final long NB = offset(LAYOUT, "i_nb");
    public static final long FILE_SIZE = offset(LAYOUT, "i_size");
    public static final long U = offset(LAYOUT, "i_u");
    public static final long INO = offset(LAYOUT, "i_ino");
    public static final long UID = offset(LAYOUT, "i_uid");
    public static final long GID = offset(LAYOUT, "i_gid");
    public static final long MTIME = offset(LAYOUT, "i_mtime");
    public static final long MTIME_NSEC = offset(LAYOUT, "i_mtime_nsec");
    public static final long NLINK = offset(LAYOUT, "i_nlink");

    private ExtendedInodeLayout() {}
}
