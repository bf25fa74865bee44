package io.arcfs.erofs.write;

import io.arcfs.erofs.layout.DirentLayout;

/** The size of a directory whose names come in their order. Confined to one thread. */
final class DirentMeasure {
    private final int blockSize;
    private long fullBlocks;
    private int used;

    DirentMeasure(int blockSize) {
        this.blockSize = blockSize;
    }

    void add(int nameLength) {
        int needed = DirentLayout.SIZE + nameLength;
        if (used + needed > blockSize) {
            fullBlocks++;
            used = 0;
        }
        used += needed;
    }

    /** The size in bytes; ready for another directory. */
    long finish() {
        long size = fullBlocks * blockSize + used;
        fullBlocks = 0;
        used = 0;
        return size;
    }
}
