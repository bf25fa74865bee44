package io.arcfs.erofs.write;

import java.io.IOException;

/**
 * Data that stands in the image's file before its metadata is written there: blocks 1 and up, so
 * that block 0 is left for the superblock. Chunks of device 0 name blocks in it.
 */
@FunctionalInterface
public interface DataArea {
    /** No data in the image's file, which is new. */
    DataArea NONE = () -> 0;

    /** Length of the area; asked once, after the whole tree was walked. */
    long blocks() throws IOException;
}
