package io.arcfs.overlay.round;

import io.arcfs.erofs.ChunkList;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.data.DeviceReader;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.HeadExtent;
import io.arcfs.tier.Tier;
import io.arcfs.tier.head.FileBytes;
import io.arcfs.tier.head.FileHeads;
import io.arcfs.tier.head.FileRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects what of each file is to stay on the SSD, while the file's bytes are there, and tells the
 * tier before the round is committed: ranges of a round that fails hold other bytes later, and are
 * then kept for nothing. Confined to the round's thread.
 */
final class KeptHeads {
    private final Tier tier;
    private final Geometry geometry;
    private final DeviceReader reader;
    private final FileHeads planner;
    private final List<HeadExtent> heads = new ArrayList<>();

    KeptHeads(Tier tier) {
        this.tier = tier;
        this.geometry = tier.geometry();
        this.reader = new DeviceReader(tier.device());
        this.planner = new FileHeads(tier.control().headSettings());
    }

    /** A name of each inode of a layer, if names matter. */
    Map<Long, String> names(Catalog catalog, int layer) throws IOException {
        Map<Long, String> names = new HashMap<>();
        if (planner.wantsNames()) {
            List<Long> directories = new ArrayList<>();
            catalog.inodes(
                    layer,
                    (inode, record) -> {
                        if (record.isDirectory()) {
                            directories.add(inode);
                        }
                    });
            for (long directory : directories) {
                catalog.dirents(
                        layer,
                        directory,
                        (name, dirent) ->
                                names.put(
                                        dirent.inode(), new String(name, StandardCharsets.UTF_8)));
            }
        }
        return names;
    }

    /**
     * Adds what is kept of a file that was just placed.
     *
     * @param name last name of its path; empty: not known
     */
    void add(String name, long sizeBytes, ChunkList placed) throws IOException {
        if (planner.isNothing() || sizeBytes == 0) {
            return;
        }
        Placed file = new Placed(sizeBytes, placed);
        List<FileRange> ranges;
        try {
            ranges = planner.of(name, file);
        } catch (ColdException e) {
            return; // what is there already was dealt with when it was archived
        }
        for (FileRange range : ranges) {
            file.forEachPiece(
                    range.offset(),
                    range.length(),
                    (at, address, length) ->
                            heads.add(
                                    new HeadExtent(
                                            new DeviceExtent(address, length), range.kind())));
        }
    }

    /** Tells the tier. */
    void keep() throws IOException {
        if (!heads.isEmpty()) {
            tier.control().keepHeads(heads);
        }
    }

    /** Bytes that would have to be recalled first. */
    private static final class ColdException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private interface PieceVisitor {
        void piece(long fileOffset, long address, long length) throws IOException;
    }

    /** A file by its chunks. */
    private final class Placed implements FileBytes {
        private final long size;
        private final ChunkList chunks;

        Placed(long size, ChunkList chunks) {
            this.size = size;
            this.chunks = chunks;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void read(long offset, byte[] target) throws IOException {
            forEachPiece(
                    offset,
                    target.length,
                    (at, address, length) -> {
                        if (!tier.control().isResident(new DeviceExtent(address, length))) {
                            throw new ColdException();
                        }
                        reader.read(
                                address,
                                MemorySegment.ofArray(target).asSlice(at - offset, length));
                    });
        }

        /** Pieces that are no holes. */
        void forEachPiece(long offset, long length, PieceVisitor visitor) throws IOException {
            long chunkBytes = 1L << chunks.chunkBits();
            long end = Math.min(offset + length, size);
            for (long at = offset; at < end; ) {
                int chunk = Math.toIntExact(at / chunkBytes);
                long pieceEnd = Math.min(end, (chunk + 1) * chunkBytes);
                long block = chunks.blocks()[chunk];
                if (block != ChunkList.HOLE) {
                    long address = block * geometry.blockBytes() + at % chunkBytes;
                    visitor.piece(at, address, pieceEnd - at);
                }
                at = pieceEnd;
            }
        }
    }
}
