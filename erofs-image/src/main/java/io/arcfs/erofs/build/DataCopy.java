package io.arcfs.erofs.build;

import io.arcfs.erofs.ChunkList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies the data of files to a target and says where it went: every chunk on a block of its own,
 * the chunks of a file in its order, files in the order in which they were added, zeros nowhere.
 * Several threads read and write; the places depend on the files alone.
 *
 * <p>Files are added by one thread, which then asks for their chunks.
 */
public final class DataCopy implements AutoCloseable {
    /** Size of chunks, as a power of two: 4 MiB. */
    public static final int CHUNK_BITS = 22;

    private final int deviceId;
    private final WorkQueue queue;
    private final List<Thread> threads = new ArrayList<>();

    /**
     * @param deviceId that chunks are to name
     * @param firstBlock of the target that data may take
     * @param blockBits log2 of the block size
     */
    public DataCopy(
            DataTarget target, int deviceId, long firstBlock, int blockBits, int threadCount) {
        this.deviceId = deviceId;
        this.queue = new WorkQueue(new BlockOrder(firstBlock), blockBits);
        for (int i = 0; i < threadCount; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .name("arcfs-data-" + i)
                            .daemon()
                            .start(() -> new DataWorker(queue, target, blockBits).run()));
        }
    }

    /** Adds a file that is not empty; what {@link #chunks} knows it by. */
    public int add(SourceFile file, long sizeBytes) throws IOException {
        return queue.add(file, sizeBytes);
    }

    /** Waits until all that was added is copied; nothing can be added any more. */
    public void finish() throws IOException {
        queue.close();
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (true) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    // The threads use files that the caller closes: they end first.
                    queue.fail(new IOException("interrupted", e));
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        queue.throwFailure();
    }

    /** Blocks of the target that are taken, from the first on; after {@link #finish}. */
    public long blocks() {
        return queue.order().blocks();
    }

    /** Where the data of a file went; after {@link #finish}. */
    public ChunkList chunks(int file) {
        return queue.placesOf(file).chunks(deviceId);
    }

    /** Ends the threads, whatever they were doing. */
    @Override
    public void close() throws IOException {
        queue.fail(new IOException("the copy was ended"));
        try {
            finish();
        } catch (IOException e) {
            // Ended on purpose, or reported by the finish before.
            return;
        }
    }
}
