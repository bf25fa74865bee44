package io.arcfs.erofs.build;

import io.arcfs.erofs.ChunkList;
import java.util.Arrays;

/**
 * Where the chunks of one file went. Filled by the threads that copy, each chunk by one; read when
 * all are done.
 */
final class FilePlaces {
    /** Files of more chunks get longer ones: their map stays within some MiB. */
    private static final int CHUNKS_MAX = 1 << 20;

    private static final int LONGEST_CHUNK_BITS = 43;

    final SourceFile file;
    final long size;
    final int chunkBits;
    private final int blockBits;
    private final long[] blocks;

    FilePlaces(SourceFile file, long size, int blockBits) {
        this.file = file;
        this.size = size;
        this.blockBits = blockBits;
        int bits = DataCopy.CHUNK_BITS;
        while ((size - 1) >> bits >= CHUNKS_MAX) {
            bits++;
        }
        this.chunkBits = bits;
        this.blocks = new long[(int) ((size - 1) >> bits) + 1];
        Arrays.fill(blocks, ChunkList.HOLE);
    }

    int chunkCount() {
        return blocks.length;
    }

    void set(int chunk, long block) {
        blocks[chunk] = block;
    }

    /** One chunk as long as the file where that says the same: a map of one entry. */
    ChunkList chunks(int deviceId) {
        ChunkList all = new ChunkList(chunkBits, deviceId, blocks);
        boolean hole = !all.hasData();
        if (hole || isInARow()) {
            int bits = chunkBits;
            while (bits < Math.min(LONGEST_CHUNK_BITS, blockBits + 31) && (size - 1) >> bits > 0) {
                bits++;
            }
            int count = (int) ((size - 1) >> bits) + 1;
            long[] joined = new long[count];
            for (int i = 0; i < count; i++) {
                joined[i] = hole ? ChunkList.HOLE : blocks[i << (bits - chunkBits)];
            }
            return new ChunkList(bits, hole ? 0 : deviceId, joined);
        }
        return all;
    }

    private boolean isInARow() {
        long step = 1L << (chunkBits - blockBits);
        for (int i = 0; i < blocks.length; i++) {
            if (blocks[i] == ChunkList.HOLE || blocks[i] != blocks[0] + i * step) {
                return false;
            }
        }
        return true;
    }
}
