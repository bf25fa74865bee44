package io.arcfs.erofs.layout;

import static io.arcfs.erofs.layout.LittleEndian.U16;
import static io.arcfs.erofs.layout.LittleEndian.U32;
import static io.arcfs.erofs.layout.LittleEndian.offset;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/** {@code struct erofs_inode_compact}: 32 bytes; format, icount and mode stand as in extended. */
public final class CompactInodeLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    U16.withName("i_format"),
                    U16.withName("i_xattr_icount"),
                    U16.withName("i_mode"),
                    U16.withName("i_nb"),
                    U32.withName("i_size"),
                    U32.withName("i_mtime"),
                    U32.withName("i_u"),
                    U32.withName("i_ino"),
                    U16.withName("i_uid"),
                    U16.withName("i_gid"),
                    U32.withName("i_reserved"));

    public static final long SIZE = LAYOUT.byteSize();

    /** i_nlink, or the high bits of the start block when i_format says "one link". */
    public static final long NB = offset(LAYOUT, "i_nb");

    public static final long FILE_SIZE = offset(LAYOUT, "i_size");
    public static final long MTIME = offset(LAYOUT, "i_mtime");
    public static final long U = offset(LAYOUT, "i_u");
    public static final long INO = offset(LAYOUT, "i_ino");
    public static final long UID = offset(LAYOUT, "i_uid");
    public static final long GID = offset(LAYOUT, "i_gid");
    public static final long RESERVED = offset(LAYOUT, "i_reserved");

    private CompactInodeLayout() {}
}
