package io.arcfs.overlay.round;

import io.arcfs.device.BlockDevice;
import io.arcfs.erofs.ChunkList;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecord.Run;
import io.arcfs.overlay.data.AppendFile;
import io.arcfs.overlay.data.AppendFiles;
import io.arcfs.overlay.data.DeviceReader;
import io.arcfs.overlay.data.FileData;
import io.arcfs.overlay.stack.RunList;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/**
 * Puts the data of a layer's files on the device, chunk by chunk: what is archived already keeps
 * its place, zeros become holes, the rest goes to the open container. Confined to the round's
 * thread.
 */
final class DataPlacer implements AutoCloseable {
    private final BlockDevice device;
    private final DeviceReader reader;
    private final Geometry geometry;
    private final ContainerAllocator allocator;
    private final AppendFiles appendFiles;
    private final Catalog catalog;
    private final LongConsumer progress;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer;
    private final MemorySegment zeros;
    private final Set<ContainerId> manifest = new TreeSet<>();
    private long writtenBytes;

    /**
     * @param progress told of every file byte that is dealt with
     */
    DataPlacer(
            BlockDevice device,
            Geometry geometry,
            ContainerAllocator allocator,
            AppendFiles appendFiles,
            Catalog catalog,
            LongConsumer progress) {
        this.device = device;
        this.reader = new DeviceReader(device);
        this.geometry = geometry;
        this.allocator = allocator;
        this.appendFiles = appendFiles;
        this.catalog = catalog;
        this.progress = progress;
        this.buffer = arena.allocate(geometry.chunkBytes(), geometry.blockBytes());
        this.zeros = arena.allocate(geometry.chunkBytes(), geometry.blockBytes());
    }

    /** Containers that placed files refer to. */
    Set<ContainerId> manifest() {
        return manifest;
    }

    /** Bytes written to the device. */
    long writtenBytes() {
        return writtenBytes;
    }

    /** Places one non-empty regular file. */
    ChunkList place(InodeRecord record) throws IOException {
        AppendFile file = record.appendFile() == 0 ? null : appendFiles.get(record.appendFile());
        FileData data = new FileData(record.runs(), file, record.appendStart());
        List<Run> forward = file == null ? List.of() : catalog.forward(file.number());
        if (file != null) {
            file.retain();
        }
        try {
            return place(record, data, forward);
        } finally {
            if (file != null) {
                file.release();
            }
        }
    }

    private ChunkList place(InodeRecord record, FileData data, List<Run> forward)
            throws IOException {
        long chunkBytes = geometry.chunkBytes();
        long[] blocks = new long[Math.toIntExact((record.size() + chunkBytes - 1) / chunkBytes)];
        Arrays.fill(blocks, ChunkList.HOLE);
        for (int i = 0; i < blocks.length; i++) {
            long start = i * chunkBytes;
            long end = Math.min(start + chunkBytes, record.size());
            long address = placed(record.runs(), start, end);
            if (address < 0) {
                address = placed(forward, start, end);
            }
            if (address < 0) {
                address = write(record, data, start, end);
            }
            if (address >= 0) {
                blocks[i] = address / geometry.blockBytes();
                manifest.add(allocator.containerOf(address));
            }
            progress.accept(end - start);
        }
        return new ChunkList(Integer.numberOfTrailingZeros(geometry.chunkBytes()), 1, blocks);
    }

    /** Archived bytes that have to be read, because other bytes join them in their chunk. */
    List<DeviceExtent> archivedBytesToRewrite(InodeRecord record) throws IOException {
        List<Run> runs = record.runs();
        if (runs.isEmpty()) {
            return List.of();
        }
        List<Run> forward =
                record.appendFile() == 0 ? List.of() : catalog.forward(record.appendFile());
        List<DeviceExtent> found = new ArrayList<>();
        long chunkBytes = geometry.chunkBytes();
        for (Run run : runs) {
            long runEnd = run.fileOffset() + run.extent().lengthBytes();
            for (long at = run.fileOffset(); at < runEnd; ) {
                long start = at / chunkBytes * chunkBytes;
                long end = Math.min(start + chunkBytes, record.size());
                long pieceEnd = Math.min(runEnd, start + chunkBytes);
                if (placed(runs, start, end) < 0 && placed(forward, start, end) < 0) {
                    found.add(
                            new DeviceExtent(
                                    run.extent().address() + (at - run.fileOffset()),
                                    pieceEnd - at));
                }
                at = pieceEnd;
            }
        }
        return found;
    }

    /** Device address of a chunk that one run covers whole, or -1. */
    private long placed(List<Run> runs, long start, long end) {
        int low = 0;
        int high = runs.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Run run = runs.get(middle);
            if (run.fileOffset() > start) {
                high = middle - 1;
            } else if (run.fileOffset() + run.extent().lengthBytes() <= start) {
                low = middle + 1;
            } else {
                long address = run.extent().address() + (start - run.fileOffset());
                boolean whole = run.fileOffset() + run.extent().lengthBytes() >= end;
                return whole && address % geometry.blockBytes() == 0 ? address : -1;
            }
        }
        return -1;
    }

    /** Writes a chunk to the device; -1 if it is all zeros. */
    private long write(InodeRecord record, FileData data, long start, long end) throws IOException {
        // Behind the layer's own end the append file may hold bytes of the next layer: zeros here.
        long ownEnd = Math.min(end, record.writtenEnd());
        if (ownEnd <= start || isHole(data, start, ownEnd)) {
            return -1;
        }
        MemorySegment own = buffer.asSlice(0, ownEnd - start);
        data.read(start, own, reader);
        long length = geometry.roundUpToBlock(end - start);
        buffer.asSlice(ownEnd - start, length - (ownEnd - start)).fill((byte) 0);
        MemorySegment chunk = buffer.asSlice(0, length);
        if (chunk.mismatch(zeros.asSlice(0, length)) < 0) {
            return -1;
        }
        long address = allocator.allocate(length);
        device.write(address, chunk);
        writtenBytes += length;
        return address;
    }

    /** Whether a chunk is known to hold no data without reading it. */
    private static boolean isHole(FileData data, long start, long end) throws IOException {
        return switch (data.source(start)) {
            case FileData.Source.Hole _ -> data.pieceEnd(start) >= end;
            case FileData.Source.Upper(AppendFile file) -> {
                long next = file.seekData(start);
                yield next < 0 || next >= end;
            }
            case FileData.Source.Archived _ -> false;
        };
    }

    /**
     * Where a file's own bytes went: what maps of the newer upper may use instead of the append
     * file.
     */
    static List<Run> forward(Geometry geometry, InodeRecord record, ChunkList placed) {
        RunList runs = new RunList();
        long chunkBytes = geometry.chunkBytes();
        for (int i = 0; i < placed.blocks().length; i++) {
            long start = i * chunkBytes;
            long end = Math.min(start + chunkBytes, record.writtenEnd());
            if (placed.blocks()[i] != ChunkList.HOLE && end > start) {
                runs.add(
                        start,
                        new DeviceExtent(placed.blocks()[i] * geometry.blockBytes(), end - start));
            }
        }
        return runs.toList();
    }

    @Override
    public void close() {
        arena.close();
    }
}
