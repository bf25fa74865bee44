package io.arcfs.erofs.layout;

import static io.arcfs.erofs.layout.LittleEndian.U16;
import static io.arcfs.erofs.layout.LittleEndian.U32;
import static io.arcfs.erofs.layout.LittleEndian.U64;
import static io.arcfs.erofs.layout.LittleEndian.U8;
import static io.arcfs.erofs.layout.LittleEndian.bytes;
import static io.arcfs.erofs.layout.LittleEndian.offset;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/** {@code struct erofs_super_block}: 128 bytes at byte 1024 of the primary device. */
public final class SuperBlockLayout {
    /** Where the superblock stands; the bytes before are free for boot loaders. */
    public static final long SUPER_OFFSET = 1024;

    public static final long MAGIC_V1 = 0xE0F5E1E2L;

    public static final int COMPAT_SB_CHKSUM = 0x1;
    public static final int COMPAT_MTIME = 0x2;
    public static final int COMPAT_XATTR_FILTER = 0x4;
    public static final int COMPAT_PLAIN_XATTR_PFX = 0x10;

    public static final int INCOMPAT_LZ4_0PADDING = 0x1;
    public static final int INCOMPAT_COMPR_CFGS = 0x2;
    public static final int INCOMPAT_CHUNKED_FILE = 0x4;
    public static final int INCOMPAT_DEVICE_TABLE = 0x8;
    public static final int INCOMPAT_ZTAILPACKING = 0x10;
    public static final int INCOMPAT_FRAGMENTS = 0x20;
    public static final int INCOMPAT_XATTR_PREFIXES = 0x40;
    public static final int INCOMPAT_48BIT = 0x80;
    public static final int INCOMPAT_METABOX = 0x100;

    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    U32.withName("magic"),
                    U32.withName("checksum"),
                    U32.withName("feature_compat"),
                    U8.withName("blkszbits"),
                    U8.withName("sb_extslots"),
                    U16.withName("rootnid_2b"),
                    U64.withName("inos"),
                    U64.withName("epoch"),
                    U32.withName("fixed_nsec"),
                    U32.withName("blocks_lo"),
                    U32.withName("meta_blkaddr"),
                    U32.withName("xattr_blkaddr"),
                    bytes("uuid", 16),
                    bytes("volume_name", 16),
                    U32.withName("feature_incompat"),
                    U16.withName("available_compr_algs"),
                    U16.withName("extra_devices"),
                    U16.withName("devt_slotoff"),
                    U8.withName("dirblkbits"),
                    U8.withName("xattr_prefix_count"),
                    U32.withName("xattr_prefix_start"),
                    U64.withName("packed_nid"),
                    U8.withName("xattr_filter_reserved"),
                    bytes("reserved", 3),
                    U32.withName("build_time"),
                    U64.withName("rootnid_8b"),
                    U64.withName("reserved2"));

    public static final long SIZE = LAYOUT.byteSize();

    /** Each extension slot makes the superblock this much longer. */
    public static final long EXTENSION_SLOT_SIZE = 16;

    public static final long MAGIC = offset(LAYOUT, "magic");
    public static final long CHECKSUM = offset(LAYOUT, "checksum");
    public static final long FEATURE_COMPAT = offset(LAYOUT, "feature_compat");
    public static final long BLKSZBITS = offset(LAYOUT, "blkszbits");
    public static final long SB_EXTSLOTS = offset(LAYOUT, "sb_extslots");
    public static final long ROOTNID_2B = offset(LAYOUT, "rootnid_2b");
    public static final long INOS = offset(LAYOUT, "inos");
    public static final long EPOCH = offset(LAYOUT, "epoch");
    public static final long FIXED_NSEC = offset(LAYOUT, "fixed_nsec");
    public static final long BLOCKS_LO = offset(LAYOUT, "blocks_lo");
    public static final long META_BLKADDR = offset(LAYOUT, "meta_blkaddr");
    public static final long XATTR_BLKADDR = offset(LAYOUT, "xattr_blkaddr");
    public static final long UUID = offset(LAYOUT, "uuid");
    public static final long VOLUME_NAME = offset(LAYOUT, "volume_name");
    public static final long FEATURE_INCOMPAT = offset(LAYOUT, "feature_incompat");
    public static final long AVAILABLE_COMPR_ALGS = offset(LAYOUT, "available_compr_algs");
    public static final long EXTRA_DEVICES = offset(LAYOUT, "extra_devices");
    public static final long DEVT_SLOTOFF = offset(LAYOUT, "devt_slotoff");
    public static final long DIRBLKBITS = offset(LAYOUT, "dirblkbits");
    public static final long XATTR_PREFIX_COUNT = offset(LAYOUT, "xattr_prefix_count");
    public static final long XATTR_PREFIX_START = offset(LAYOUT, "xattr_prefix_start");
    public static final long PACKED_NID = offset(LAYOUT, "packed_nid");
    public static final long XATTR_FILTER_RESERVED = offset(LAYOUT, "xattr_filter_reserved");
    public static final long BUILD_TIME = offset(LAYOUT, "build_time");
    public static final long ROOTNID_8B = offset(LAYOUT, "rootnid_8b");

    private SuperBlockLayout() {}
}
