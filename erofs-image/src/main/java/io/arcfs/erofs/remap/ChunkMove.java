package io.arcfs.erofs.remap;

import java.io.IOException;

/** Says where chunks are now. */
@FunctionalInterface
public interface ChunkMove {
    /**
     * The block address, on the same device, of a chunk that was at {@code block}.
     *
     * @param deviceId device slot, from 1
     * @param blocks how many blocks in a row the chunk has
     */
    long movedTo(int deviceId, long block, long blocks) throws IOException;
}
