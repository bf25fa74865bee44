package io.arcfs.erofs.write;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.layout.ChunkIndexLayout;
import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.InodeFormat;
import io.arcfs.erofs.layout.SuperBlockChecksum;
import io.arcfs.erofs.layout.SuperBlockLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a tree as an EROFS image: compact and extended inodes, chunk indexes, inline data, shared
 * xattrs, superblock checksum, device table.
 *
 * <p>First the whole tree is walked and every inode gets its place, then the bytes are written,
 * front to back. Memory grows with inodes and names, never with data. Equal trees and options give
 * equal bytes. Confined to one thread.
 */
public final class ImageWriter {
    private final TreeSource source;
    private final ImageOptions options;
    private final int blockSize;
    private final TreeSurvey survey;
    private final InodeTable inodes;
    private final Placement placement;
    private final List<DeviceSlot> devices;
    private final InodeEncoder encoder;
    private final DirentWriter dirents;
    private final ImageSink sink;

    private ImageWriter(
            TreeSource source,
            ImageOptions options,
            TreeSurvey survey,
            Placement placement,
            ImageSink sink) {
        this.source = source;
        this.options = options;
        this.blockSize = options.blockSizeBytes();
        this.survey = survey;
        this.inodes = survey.inodes;
        this.placement = placement;
        this.devices = placement.mapped();
        this.encoder = new InodeEncoder(inodes, options.blockBits(), placement.isWide());
        this.dirents = new DirentWriter(survey, placement, blockSize, sink);
        this.sink = sink;
    }

    /**
     * Writes the image to a new file and makes its bytes durable; the caller publishes it. Leaves
     * no file behind when it fails.
     */
    public static WrittenImage write(TreeSource tree, ImageOptions options, Path target)
            throws IOException {
        return write(tree, options, target, Durability.FORCED);
    }

    /** As {@link #write(TreeSource, ImageOptions, Path)}, durable or not. */
    public static WrittenImage write(
            TreeSource tree, ImageOptions options, Path target, Durability durability)
            throws IOException {
        return write(tree, options.blockBits(), () -> options, target, durability);
    }

    /**
     * As {@link #write(TreeSource, ImageOptions, Path, Durability)}.
     *
     * @param late asked once, after the whole tree was walked and before the data of any file
     */
    public static WrittenImage write(
            TreeSource tree,
            int blockBits,
            ImageOptions.Late late,
            Path target,
            Durability durability)
            throws IOException {
        TreeSurvey survey = TreeSurvey.of(tree, blockBits);
        ImageOptions options = late.options();
        if (options.blockBits() != blockBits) {
            throw new IllegalArgumentException("blocks of another size");
        }
        survey.measureData(options);
        Placement placement = Placement.of(survey, options, 0);
        ImageSink sink = ImageSink.create(target);
        try (sink) {
            new ImageWriter(tree, options, survey, placement, sink).writeAll(durability);
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(target);
            throw e;
        }
        return written(survey, placement, options);
    }

    /**
     * Writes the metadata behind a data area, into the file that already holds it. The file is the
     * caller's to delete when this fails.
     */
    public static WrittenImage writeBehind(
            DataArea data,
            TreeSource tree,
            ImageOptions options,
            Path target,
            Durability durability)
            throws IOException {
        TreeSurvey survey = TreeSurvey.of(tree, options.blockBits());
        long dataBlocks = data.blocks();
        survey.measureData(options);
        Placement placement = Placement.of(survey, options, dataBlocks);
        try (ImageSink sink = ImageSink.open(target)) {
            new ImageWriter(tree, options, survey, placement, sink).writeAll(durability);
        }
        return written(survey, placement, options);
    }

    private static WrittenImage written(
            TreeSurvey survey, Placement placement, ImageOptions options) {
        return new WrittenImage(
                survey.inodes.rows, survey.nameCount, placement.blocks * options.blockSizeBytes());
    }

    private void writeAll(Durability durability) throws IOException {
        sink.padTo(SuperBlockLayout.SUPER_OFFSET);
        sink.put(SuperBlockEncoder.superBlock(options, placement, survey));
        for (DeviceSlot device : devices) {
            sink.put(SuperBlockEncoder.deviceSlot(device));
        }
        sink.padTo(Math.min(placement.start, Placement.up(sink.position(), blockSize)));
        sink.skipTo(placement.start);
        sink.put(survey.sharedXattrs.encode());
        for (int row = 0; row < inodes.rows; row++) {
            putInode(row);
        }
        for (int row = 0; row < inodes.rows; row++) {
            if (placement.ownBlocks(row) > 0) {
                putBlocks(row);
            }
        }
        sink.padTo(placement.blocks * blockSize);
        putChecksum();
        if (durability == Durability.FORCED) {
            sink.force();
        }
    }

    private void putInode(int row) throws IOException {
        sink.padTo(placement.slot(row) * InodeFormat.SLOT_SIZE);
        if (inodes.layout(row) == InodeFormat.CHUNK_BASED) {
            if (!(source.data(inodes.key.get(row)) instanceof FileData.Chunks(ChunkList chunks))
                    || chunks.blocks().length != inodes.mapBytes(row) / ChunkIndexLayout.SIZE) {
                throw changed();
            }
            sink.put(encoder.inode, encoder.encode(row, encoder.chunkFormat(chunks)));
            putXattrs(row);
            putChunkMap(chunks);
            return;
        }
        boolean tailed = inodes.mapBytes(row) == InodeTable.TAILED;
        int union = tailed ? unifiedBlock(row) : inodes.union.get(row);
        sink.put(encoder.inode, encoder.encode(row, union));
        putXattrs(row);
        if (placement.inlineBytes(row) > 0) {
            putData(row, inodes.size.get(row) / blockSize, Long.MAX_VALUE);
        }
    }

    /** Where the blocks of a file that has only its tail here stand in the unified space. */
    private int unifiedBlock(int row) throws IOException {
        if (!(source.data(inodes.key.get(row)) instanceof FileData.Tailed tailed)) {
            throw changed();
        }
        long start = devices.get(tailed.deviceId() - 1).unifiedBlock();
        long end = start + tailed.block() + inodes.size.get(row) / blockSize;
        if (start == 0 || end > ChunkIndexLayout.NULL_ADDRESS_32) {
            throw new UnwritableTreeException(
                    "device " + tailed.deviceId() + " lies beyond what 32 bits address");
        }
        return (int) (start + tailed.block());
    }

    private void putXattrs(int row) throws IOException {
        if (inodes.xattrBytes(row) > 0) {
            byte[] encoded =
                    XattrEncoder.encode(source.xattrs(inodes.key.get(row)), survey.sharedXattrs);
            if (encoded.length != inodes.xattrBytes(row)) {
                throw changed();
            }
            sink.put(encoded);
        }
    }

    private void putChunkMap(ChunkList chunks) throws IOException {
        sink.padTo(Placement.up(sink.position(), ChunkIndexLayout.SIZE));
        for (long block : chunks.blocks()) {
            encoder.encodeIndex(block, chunks.deviceId());
            sink.put(encoder.index);
        }
    }

    private void putBlocks(int row) throws IOException {
        sink.padTo(Integer.toUnsignedLong(inodes.union.get(row)) * blockSize);
        boolean inline = inodes.layout(row) == InodeFormat.FLAT_INLINE;
        putData(row, 0, inline ? inodes.size.get(row) / blockSize : Long.MAX_VALUE);
    }

    /** Puts the data of an inode from one of its blocks to before another. */
    private void putData(int row, long fromBlock, long toBlock) throws IOException {
        if (inodes.isDirectory(row)) {
            dirents.put(row, fromBlock, toBlock);
            return;
        }
        long from = fromBlock * blockSize;
        long to =
                toBlock > inodes.size.get(row) / blockSize
                        ? inodes.size.get(row)
                        : toBlock * blockSize;
        if (inodes.type(row) == DirentLayout.TYPE_SYMLINK) {
            sink.put(target(row), (int) from, (int) (to - from));
            return;
        }
        FileData.Bytes bytes =
                switch (source.data(inodes.key.get(row))) {
                    case FileData.Within within -> within.bytes();
                    case FileData.Tailed tailed -> tailed.bytes();
                    case FileData.Chunks _ -> throw changed();
                };
        sink.copy(bytes, from, to - from);
    }

    private byte[] target(int row) throws IOException {
        byte[] target = source.symlinkTarget(inodes.key.get(row));
        if (target.length != inodes.size.get(row)) {
            throw changed();
        }
        for (byte b : target) {
            if (b == 0) {
                throw new UnwritableTreeException("a symlink's target with NUL");
            }
        }
        return target;
    }

    private void putChecksum() throws IOException {
        int covered = (int) (SuperBlockChecksum.end(blockSize) - SuperBlockLayout.SUPER_OFFSET);
        ByteBuffer bytes = sink.readBack(SuperBlockLayout.SUPER_OFFSET, covered);
        ByteBuffer checksum = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        checksum.putInt(0, (int) SuperBlockChecksum.of(bytes));
        sink.overwrite(SuperBlockLayout.SUPER_OFFSET + SuperBlockLayout.CHECKSUM, checksum);
    }

    private static UnwritableTreeException changed() {
        return new UnwritableTreeException("the tree changed while its image was written");
    }
}
