package io.arcfs.erofs.write;

import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Packs names, which come in their order, into directory blocks: each takes what fits. Confined to
 * one thread.
 */
final class DirentPacker {
    private final int blockSize;
    private final BlockSink sink;
    private final byte[] block;
    private final MemorySegment bytes;

    /** Names of the block in a row, until it is known where in it they go. */
    private final byte[] names;

    private final int[] nameEnds;
    private final long[] nids;
    private final byte[] types;
    private int count;
    private int nameBytes;
    private long fullBlocks;

    DirentPacker(int blockSize, BlockSink sink) {
        this.blockSize = blockSize;
        this.sink = sink;
        this.block = new byte[blockSize];
        this.bytes = MemorySegment.ofArray(block);
        this.names = new byte[blockSize];
        int mostNames = blockSize / (DirentLayout.SIZE + 1);
        this.nameEnds = new int[mostNames];
        this.nids = new long[mostNames];
        this.types = new byte[mostNames];
    }

    void add(byte[] source, int start, int length, long nid, int type) throws IOException {
        if (used() + DirentLayout.SIZE + length > blockSize) {
            emit();
            fullBlocks++;
        }
        System.arraycopy(source, start, names, nameBytes, length);
        nameBytes += length;
        nameEnds[count] = nameBytes;
        nids[count] = nid;
        types[count] = (byte) type;
        count++;
    }

    /** Emits the last block; returns the size of the directory and is ready for another one. */
    long finish() throws IOException {
        long size = fullBlocks * blockSize + used();
        emit();
        fullBlocks = 0;
        return size;
    }

    private int used() {
        return count * DirentLayout.SIZE + nameBytes;
    }

    private void emit() throws IOException {
        int firstName = count * DirentLayout.SIZE;
        int nameOffset = firstName;
        for (int i = 0; i < count; i++) {
            int dirent = i * DirentLayout.SIZE;
            LittleEndian.putI64(bytes, dirent + DirentLayout.NID, nids[i]);
            LittleEndian.putU16(bytes, dirent + DirentLayout.NAMEOFF, nameOffset);
            LittleEndian.putU8(bytes, dirent + DirentLayout.FILE_TYPE, types[i]);
            LittleEndian.putU8(bytes, dirent + DirentLayout.SIZE - 1, 0);
            nameOffset = firstName + nameEnds[i];
        }
        System.arraycopy(names, 0, block, firstName, nameBytes);
        int used = used();
        Arrays.fill(block, used, block.length, (byte) 0);
        count = 0;
        nameBytes = 0;
        sink.block(block, used);
    }

    /** Takes one directory block, which is zero behind {@code length}. */
    @FunctionalInterface
    interface BlockSink {
        void block(byte[] block, int length) throws IOException;
    }
}
