package io.arcfs.erofs.build;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts files into units of work and hands them out in order. Thread-safe. */
final class WorkQueue {
    /** Data of small files that one unit takes at most. */
    static final int BATCH_BYTES = 1 << 20;

    private static final int BATCH_FILES = 256;

    private final BlockOrder order;
    private final int blockBits;
    private final List<FilePlaces> files = new ArrayList<>();

    /** Lists of small files, and single large ones. */
    private final Deque<List<FilePlaces>> waiting = new ArrayDeque<>();

    private List<FilePlaces> batch = new ArrayList<>();
    private long batchBytes;
    private boolean closed;
    private long nextUnit;
    private @Nullable IOException failure;

    /** The large file that is being handed out, chunk by chunk. */
    private @Nullable FilePlaces large;

    private @Nullable SharedOpen largeOpen;
    private int largeChunk;

    WorkQueue(BlockOrder order, int blockBits) {
        this.order = order;
        this.blockBits = blockBits;
    }

    BlockOrder order() {
        return order;
    }

    synchronized int add(SourceFile file, long size) throws IOException {
        throwFailure();
        FilePlaces places = new FilePlaces(file, size, blockBits);
        files.add(places);
        if (size > BATCH_BYTES) {
            flushBatch();
            waiting.add(List.of(places));
            notifyAll();
        } else {
            long blockSize = 1L << blockBits;
            long stored = (size + blockSize - 1) & -blockSize;
            if (batchBytes + stored > BATCH_BYTES || batch.size() == BATCH_FILES) {
                flushBatch();
            }
            batch.add(places);
            batchBytes += stored;
        }
        return files.size() - 1;
    }

    private void flushBatch() {
        if (!batch.isEmpty()) {
            waiting.add(batch);
            batch = new ArrayList<>();
            batchBytes = 0;
            notifyAll();
        }
    }

    synchronized void close() {
        flushBatch();
        closed = true;
        notifyAll();
    }

    synchronized FilePlaces placesOf(int file) {
        return files.get(file);
    }

    synchronized void fail(IOException reason) {
        if (failure == null && !isDone()) {
            failure = reason;
        }
        order.fail(reason);
        notifyAll();
    }

    private boolean isDone() {
        return closed && waiting.isEmpty() && large == null;
    }

    synchronized void throwFailure() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    /** The next unit; null when there is none and will be none. Waits while there may be one. */
    synchronized @Nullable WorkUnit next() throws IOException {
        while (failure == null) {
            WorkUnit chunk = nextChunk();
            if (chunk != null) {
                return chunk;
            }
            List<FilePlaces> next = waiting.poll();
            if (next == null) {
                if (closed) {
                    return null;
                }
                try {
                    wait();
                } catch (InterruptedException e) {
                    throw new IOException("interrupted", e);
                }
            } else if (next.size() == 1 && next.getFirst().size > BATCH_BYTES) {
                large = next.getFirst();
                largeOpen = new SharedOpen(large.file.open());
                largeChunk = 0;
            } else {
                return new WorkUnit.SmallFiles(nextUnit++, next);
            }
        }
        dropLarge();
        return null;
    }

    /** The next chunk of the large file that may hold data; holes are passed over. */
    private @Nullable WorkUnit nextChunk() throws IOException {
        FilePlaces file = large;
        SharedOpen open = largeOpen;
        if (file == null || open == null) {
            return null;
        }
        long data =
                largeChunk < file.chunkCount()
                        ? open.file.nextData((long) largeChunk << file.chunkBits)
                        : -1;
        if (data < 0 || data >= file.size) {
            dropLarge();
            return null;
        }
        int chunk = (int) (data >> file.chunkBits);
        largeChunk = chunk + 1;
        return new WorkUnit.Chunk(nextUnit++, file, open.use(), chunk);
    }

    private void dropLarge() throws IOException {
        SharedOpen open = largeOpen;
        large = null;
        largeOpen = null;
        if (open != null) {
            open.release();
        }
    }
}
