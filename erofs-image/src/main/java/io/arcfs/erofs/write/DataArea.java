package io.arcfs.erofs.write;

import java.io.IOException;

/**
 * Data that stands in the image's file before its metadata is written there: right behind the
 * superblock, from a block's start. Chunks of device 0 name blocks in it.
 */
@FunctionalInterface
public interface DataArea {
    /** Length of the area; asked once, after the whole tree was walked. */
    long blocks() throws IOException;

    /** The area's first block. */
    static long firstBlock(int blockBits) {
        return Placement.firstDataBlock(blockBits);
    }
}
