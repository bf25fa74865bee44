package io.arcfs.erofs.write;

import io.arcfs.erofs.ChunkList;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Where the bytes of a regular file are to be found in the image that is written. Immutable. */
public sealed interface FileData {
    /**
     * In chunks that lie on devices, or in the data area of the image itself (device 0, see {@link
     * DataArea}).
     */
    record Chunks(ChunkList chunks) implements FileData {}

    /** All of them in the image: behind the inode if they fit there, else in blocks. */
    record Within(Bytes bytes) implements FileData {}

    /**
     * Whole blocks in a row on a device, and the rest, less than a block, behind the inode. The
     * writer reaches the device through the unified address space.
     *
     * @param deviceId of a device whose length is known
     * @param block address of the first block there
     */
    record Tailed(int deviceId, long block, Bytes bytes) implements FileData {}

    /** Gives the bytes of a file. */
    @FunctionalInterface
    interface Bytes {
        /** Fills {@code target} with the bytes at an offset, all of it or an exception. */
        void read(long offsetBytes, MemorySegment target) throws IOException;
    }
}
