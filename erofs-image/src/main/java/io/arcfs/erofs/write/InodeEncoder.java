package io.arcfs.erofs.write;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.layout.ChunkIndexLayout;
import io.arcfs.erofs.layout.CompactInodeLayout;
import io.arcfs.erofs.layout.ExtendedInodeLayout;
import io.arcfs.erofs.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Encodes inodes and chunk maps from the table's columns. Confined to one thread. */
final class InodeEncoder {
    private static final int WORD_BITS = 32;
    private static final int NULL_HIGH = 0xFFFF;

    private final InodeTable inodes;
    private final int blockBits;
    private final boolean wide;

    final byte[] inode = new byte[(int) ExtendedInodeLayout.SIZE];
    private final MemorySegment inodeSegment = MemorySegment.ofArray(inode);
    final byte[] index = new byte[ChunkIndexLayout.SIZE];
    private final MemorySegment indexSegment = MemorySegment.ofArray(index);

    InodeEncoder(InodeTable inodes, int blockBits, boolean wide) {
        this.inodes = inodes;
        this.blockBits = blockBits;
        this.wide = wide;
    }

    /** i_u of a chunk-based file. */
    int chunkFormat(ChunkList chunks) {
        return ChunkIndexLayout.FORMAT_INDEXES
                | (wide ? ChunkIndexLayout.FORMAT_48BIT : 0)
                | (chunks.chunkBits() - blockBits);
    }

    /** Encodes into {@link #inode}; returns the length. */
    int encode(int row, int union) {
        // The same place in both forms.
        LittleEndian.putU16(inodeSegment, ExtendedInodeLayout.FORMAT, inodes.format(row));
        LittleEndian.putU16(
                inodeSegment, ExtendedInodeLayout.XATTR_ICOUNT, inodes.xattrUnits.get(row));
        LittleEndian.putU16(inodeSegment, ExtendedInodeLayout.MODE, inodes.mode.get(row));
        int number = inodes.number.get(row) == 0 ? row + 1 : inodes.number.get(row);
        return inodes.isExtended(row) ? extended(row, union, number) : compact(row, union, number);
    }

    private int extended(int row, int union, int number) {
        boolean none = wide && union == InodeTable.NO_BLOCK;
        LittleEndian.putU16(inodeSegment, ExtendedInodeLayout.NB, none ? NULL_HIGH : 0);
        LittleEndian.putI64(inodeSegment, ExtendedInodeLayout.FILE_SIZE, inodes.size.get(row));
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.U, union);
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.INO, number);
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.UID, inodes.uid.get(row));
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.GID, inodes.gid.get(row));
        LittleEndian.putI64(inodeSegment, ExtendedInodeLayout.MTIME, inodes.mtimeSeconds.get(row));
        LittleEndian.putU32(
                inodeSegment, ExtendedInodeLayout.MTIME_NSEC, inodes.mtimeNanos.get(row));
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.NLINK, inodes.links.get(row));
        Arrays.fill(inode, (int) ExtendedInodeLayout.NLINK + Integer.BYTES, inode.length, (byte) 0);
        return (int) ExtendedInodeLayout.SIZE;
    }

    private int compact(int row, int union, int number) {
        LittleEndian.putU16(inodeSegment, CompactInodeLayout.NB, inodes.links.get(row));
        LittleEndian.putU32(inodeSegment, CompactInodeLayout.FILE_SIZE, inodes.size.get(row));
        LittleEndian.putU32(inodeSegment, CompactInodeLayout.MTIME, 0);
        LittleEndian.putU32(inodeSegment, CompactInodeLayout.U, union);
        LittleEndian.putU32(inodeSegment, CompactInodeLayout.INO, number);
        LittleEndian.putU16(inodeSegment, CompactInodeLayout.UID, inodes.uid.get(row));
        LittleEndian.putU16(inodeSegment, CompactInodeLayout.GID, inodes.gid.get(row));
        LittleEndian.putU32(inodeSegment, CompactInodeLayout.RESERVED, 0);
        return (int) CompactInodeLayout.SIZE;
    }

    /** Encodes one entry of a chunk map into {@link #index}. */
    void encodeIndex(long block, int deviceId) {
        boolean hole = block == ChunkList.HOLE;
        LittleEndian.putU16(
                indexSegment,
                ChunkIndexLayout.STARTBLK_HI,
                wide ? (int) (block >>> WORD_BITS) & NULL_HIGH : 0);
        LittleEndian.putU16(indexSegment, ChunkIndexLayout.DEVICE_ID, hole ? 0 : deviceId);
        LittleEndian.putU32(indexSegment, ChunkIndexLayout.STARTBLK_LO, block);
    }
}
