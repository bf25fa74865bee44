package io.arcfs.erofs.layout;

import static io.arcfs.erofs.layout.LittleEndian.U16;
import static io.arcfs.erofs.layout.LittleEndian.U32;
import static io.arcfs.erofs.layout.LittleEndian.offset;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/** {@code struct erofs_inode_chunk_index}: where one chunk lies; and the bits of the format. */
public final class ChunkIndexLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    U16.withName("startblk_hi"),
                    U16.withName("device_id"),
                    U32.withName("startblk_lo"));

    public static final int SIZE = (int) LAYOUT.byteSize();

    /** An entry of the short form: a 32-bit block address, device 0. */
    public static final int BLOCK_MAP_SIZE = 4;

    public static final long STARTBLK_HI = offset(LAYOUT, "startblk_hi");
    public static final long DEVICE_ID = offset(LAYOUT, "device_id");
    public static final long STARTBLK_LO = offset(LAYOUT, "startblk_lo");

    public static final int FORMAT_BLKBITS_MASK = 0x1F;
    public static final int FORMAT_INDEXES = 0x20;
    public static final int FORMAT_48BIT = 0x40;
    public static final int FORMAT_ALL = 0x7F;

    /** All ones over the width of the address: a hole. */
    public static final long NULL_ADDRESS_32 = 0xFFFF_FFFFL;

    public static final long NULL_ADDRESS_48 = 0xFFFF_FFFF_FFFFL;

    private ChunkIndexLayout() {}
}
