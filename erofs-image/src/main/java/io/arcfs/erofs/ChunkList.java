package io.arcfs.erofs;

/**
 * Chunks of a regular file: chunk i covers bytes [i * 2^chunkBits, (i + 1) * 2^chunkBits) of it,
 * the last one only up to the file's size rounded up to a block.
 *
 * @param chunkBits log2 of the chunk's size in bytes
 * @param deviceId device of every chunk that is not a hole (one file never spans devices); 1 is the
 *     first device slot, 0 the image itself
 * @param blocks block address on that device per chunk, or {@link #HOLE}
 */
public record ChunkList(int chunkBits, int deviceId, long[] blocks) {
    public static final long HOLE = -1;

    /** Whether any chunk is not a hole. */
    public boolean hasData() {
        for (long block : blocks) {
            if (block != HOLE) {
                return true;
            }
        }
        return false;
    }
}
