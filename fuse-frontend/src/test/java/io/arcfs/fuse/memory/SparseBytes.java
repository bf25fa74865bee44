package io.arcfs.fuse.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/** Bytes in pieces in memory. Guarded by itself. */
final class SparseBytes implements Storage {
    private static final int PIECE_BYTES = 1 << 14;

    private final Map<Long, byte[]> pieces = new HashMap<>();

    @Override
    public synchronized void put(long offset, MemorySegment source) {
        long done = 0;
        while (done < source.byteSize()) {
            byte[] piece =
                    pieces.computeIfAbsent(
                            (offset + done) / PIECE_BYTES, number -> new byte[PIECE_BYTES]);
            int within = (int) ((offset + done) % PIECE_BYTES);
            int length = (int) Math.min(PIECE_BYTES - within, source.byteSize() - done);
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, done, piece, within, length);
            done += length;
        }
    }

    @Override
    public synchronized void get(long offset, MemorySegment target) {
        long done = 0;
        while (done < target.byteSize()) {
            byte[] piece = pieces.get((offset + done) / PIECE_BYTES);
            int within = (int) ((offset + done) % PIECE_BYTES);
            int length = (int) Math.min(PIECE_BYTES - within, target.byteSize() - done);
            if (piece == null) {
                target.asSlice(done, length).fill((byte) 0);
            } else {
                MemorySegment.copy(piece, within, target, ValueLayout.JAVA_BYTE, done, length);
            }
            done += length;
        }
    }

    @Override
    public synchronized void clear() {
        pieces.clear();
    }

    @Override
    public synchronized void close() {
        pieces.clear();
    }
}
