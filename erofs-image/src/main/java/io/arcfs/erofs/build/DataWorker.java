package io.arcfs.erofs.build;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** One thread that copies: unit by unit, until there are no more. Confined to it. */
final class DataWorker {
    private static final long ALIGNMENT = 4096;
    private static final int NOT_STORED = -1;

    private final WorkQueue queue;
    private final BlockOrder order;
    private final DataTarget target;
    private final int blockBits;

    DataWorker(WorkQueue queue, DataTarget target, int blockBits) {
        this.queue = queue;
        this.order = queue.order();
        this.target = target;
        this.blockBits = blockBits;
    }

    /** Whatever goes wrong is told to the queue, and so to everybody. */
    void run() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(WorkQueue.BATCH_BYTES, ALIGNMENT);
            for (WorkUnit unit = queue.next(); unit != null; unit = queue.next()) {
                switch (unit) {
                    case WorkUnit.SmallFiles small -> copySmall(small, buffer);
                    case WorkUnit.Chunk chunk -> copyAndRelease(chunk, buffer);
                }
            }
        } catch (IOException e) {
            queue.fail(e);
        } catch (RuntimeException | Error e) {
            // Thrown again by whoever waits for the data: here nobody would hear it.
            queue.fail(new IOException("copying data failed: " + e, e));
        }
    }

    /** Reads all files behind each other, each on its own block, and writes them at once. */
    private void copySmall(WorkUnit.SmallFiles unit, MemorySegment buffer) throws IOException {
        List<FilePlaces> files = unit.files();
        int[] places = new int[files.size()];
        int used = 0;
        for (int i = 0; i < places.length; i++) {
            FilePlaces file = files.get(i);
            int size = (int) file.size;
            MemorySegment bytes = buffer.asSlice(used, size);
            try (SourceFile.Open open = file.file.open()) {
                readFully(open, 0, bytes);
            }
            if (isZero(bytes)) {
                places[i] = NOT_STORED;
            } else {
                places[i] = used;
                int end = up(used + size);
                buffer.asSlice(used + size, end - used - size).fill((byte) 0);
                used = end;
            }
        }
        long block = order.take(unit.number(), used >> blockBits);
        for (int i = 0; i < places.length; i++) {
            if (places[i] != NOT_STORED) {
                files.get(i).set(0, block + (places[i] >> blockBits));
            }
        }
        if (used > 0) {
            target.write(block << blockBits, buffer.asSlice(0, used));
        }
    }

    private void copyAndRelease(WorkUnit.Chunk unit, MemorySegment buffer) throws IOException {
        try {
            copyChunk(unit, buffer);
        } finally {
            unit.open().release();
        }
    }

    /**
     * Reads part by part until one is not zero: then the chunk has its place, and the rest is
     * written as it is read. Zeros need not be written.
     */
    private void copyChunk(WorkUnit.Chunk unit, MemorySegment buffer) throws IOException {
        FilePlaces file = unit.file();
        long start = (long) unit.chunk() << file.chunkBits;
        long length = Math.min(file.size - start, 1L << file.chunkBits);
        long block = NOT_STORED;
        long done = 0;
        while (done < length) {
            long data = unit.open().file.nextData(start + done);
            if (data < 0 || data >= start + length) {
                break;
            }
            // From the beginning of the block in which the data is.
            done = Math.max(done, (data - start) >> blockBits << blockBits);
            int part = (int) Math.min(length - done, buffer.byteSize());
            MemorySegment bytes = buffer.asSlice(0, part);
            readFully(unit.open().file, start + done, bytes);
            if (!isZero(bytes)) {
                if (block == NOT_STORED) {
                    block = order.take(unit.number(), up(length) >> blockBits);
                    file.set(unit.chunk(), block);
                    if (copiedByKernel(unit, start, block, length)) {
                        return;
                    }
                }
                target.write((block << blockBits) + done, bytes);
            }
            done += part;
        }
        if (block == NOT_STORED) {
            order.take(unit.number(), 0);
        }
    }

    private boolean copiedByKernel(WorkUnit.Chunk unit, long start, long block, long length)
            throws IOException {
        return target.copy(unit.open().file, start, block << blockBits, length);
    }

    private static void readFully(SourceFile.Open file, long offset, MemorySegment bytes)
            throws IOException {
        int got = file.read(offset, bytes);
        if (got < bytes.byteSize()) {
            throw new IOException(
                    "%s became shorter while it was read: it ends at byte %d"
                            .formatted(file, offset + got));
        }
    }

    private static boolean isZero(MemorySegment bytes) {
        long size = bytes.byteSize();
        if (size == 0 || bytes.get(ValueLayout.JAVA_BYTE, 0) != 0) {
            return size == 0;
        }
        // All bytes equal the ones before them, and the first is 0.
        return bytes.asSlice(1).mismatch(bytes.asSlice(0, size - 1)) < 0;
    }

    private int up(int bytes) {
        return (int) up((long) bytes);
    }

    private long up(long bytes) {
        long blockSize = 1L << blockBits;
        return (bytes + blockSize - 1) & -blockSize;
    }
}
