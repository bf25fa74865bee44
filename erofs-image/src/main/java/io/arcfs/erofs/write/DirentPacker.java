package io.arcfs.erofs.write;

import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Packs names, which come in their order, into directory blocks: each takes what fits. Without a
 * sink it only measures, which needs no nids. Confined to one thread.
 */
final class DirentPacker {
    private static final int MOST_NAMES = ImageWriter.BLOCK_SIZE / (DirentLayout.SIZE + 1);

    private final BlockSink sink;
    private final byte[] block = new byte[ImageWriter.BLOCK_SIZE];
    private final MemorySegment bytes = MemorySegment.ofArray(block);
    private final byte[][] names = new byte[MOST_NAMES][];
    private final long[] nids = new long[MOST_NAMES];
    private final byte[] types = new byte[MOST_NAMES];
    private int count;
    private int used;
    private long fullBlocks;

    DirentPacker(BlockSink sink) {
        this.sink = sink;
    }

    void add(byte[] name, long nid, byte type) throws IOException {
        int needed = DirentLayout.SIZE + name.length;
        if (used + needed > ImageWriter.BLOCK_SIZE) {
            emit();
            fullBlocks++;
        }
        names[count] = name;
        nids[count] = nid;
        types[count] = type;
        count++;
        used += needed;
    }

    /** Emits the last block; returns the size of the directory and is ready for another one. */
    long finish() throws IOException {
        long size = fullBlocks * ImageWriter.BLOCK_SIZE + used;
        emit();
        fullBlocks = 0;
        return size;
    }

    private void emit() throws IOException {
        int nameOffset = count * DirentLayout.SIZE;
        for (int i = 0; i < count; i++) {
            int dirent = i * DirentLayout.SIZE;
            LittleEndian.putI64(bytes, dirent + DirentLayout.NID, nids[i]);
            LittleEndian.putU16(bytes, dirent + DirentLayout.NAMEOFF, nameOffset);
            LittleEndian.putU8(bytes, dirent + DirentLayout.FILE_TYPE, types[i]);
            LittleEndian.putU8(bytes, dirent + DirentLayout.SIZE - 1, 0);
            System.arraycopy(names[i], 0, block, nameOffset, names[i].length);
            nameOffset += names[i].length;
        }
        Arrays.fill(block, used, block.length, (byte) 0);
        sink.block(block, used);
        count = 0;
        used = 0;
    }

    /** Takes one directory block, which is zero behind {@code length}. */
    @FunctionalInterface
    interface BlockSink {
        void block(byte[] block, int length) throws IOException;
    }
}
