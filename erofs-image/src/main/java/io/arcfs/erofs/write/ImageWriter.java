package io.arcfs.erofs.write;

import io.arcfs.erofs.ChunkList;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.layout.ChunkIndexLayout;
import io.arcfs.erofs.layout.DeviceSlotLayout;
import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.ExtendedInodeLayout;
import io.arcfs.erofs.layout.InodeFormat;
import io.arcfs.erofs.layout.LittleEndian;
import io.arcfs.erofs.layout.SuperBlockChecksum;
import io.arcfs.erofs.layout.SuperBlockLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tree as an EROFS metadata image: extended inodes, chunk indexes, inline directories and
 * symlinks, xattrs behind their inodes, superblock checksum, device table.
 *
 * <p>Two passes over the source: survey and placement, then bytes, front to back. Memory grows with
 * inodes and names, never with data. Equal trees and options give equal bytes. Confined to one
 * thread.
 */
public final class ImageWriter {
    static final int BLOCK_BITS = 12;
    static final int BLOCK_SIZE = 1 << BLOCK_BITS;

    private final TreeSource source;
    private final ImageOptions options;
    private final TreeSurvey survey;
    private final InodeTable inodes;
    private final Placement placement;
    private final ImageSink sink;

    private final byte[] inodeBytes = new byte[(int) ExtendedInodeLayout.SIZE];
    private final MemorySegment inodeSegment = MemorySegment.ofArray(inodeBytes);

    private ImageWriter(
            TreeSource source,
            ImageOptions options,
            TreeSurvey survey,
            Placement placement,
            ImageSink sink) {
        this.source = source;
        this.options = options;
        this.survey = survey;
        this.inodes = survey.inodes;
        this.placement = placement;
        this.sink = sink;
    }

    /**
     * Writes the image to a new file and makes its bytes durable; the caller publishes it. Leaves
     * no file behind when it fails.
     */
    public static WrittenImage write(TreeSource tree, ImageOptions options, Path target)
            throws IOException {
        TreeSurvey survey = TreeSurvey.of(tree, options.devices());
        Placement placement = Placement.of(survey.inodes, options.devices().size());
        List<DeviceSlot> devices = placement.mapped(options.devices());
        ImageSink sink = ImageSink.create(target);
        try (sink) {
            new ImageWriter(tree, options, survey, placement, sink).writeAll(devices);
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(target);
            throw e;
        }
        return new WrittenImage(
                survey.inodes.rows, survey.nameCount, placement.blocks * BLOCK_SIZE);
    }

    private void writeAll(List<DeviceSlot> devices) throws IOException {
        putSuperBlock();
        for (DeviceSlot device : devices) {
            putDeviceSlot(device);
        }
        for (int row = 0; row < inodes.rows; row++) {
            putInode(row);
        }
        for (int row = 0; row < inodes.rows; row++) {
            if (inodes.startBlock[row] != Placement.NO_BLOCK) {
                putBlocks(row);
            }
        }
        sink.padTo(placement.blocks * BLOCK_SIZE);
        putChecksum();
        sink.force();
    }

    private void putSuperBlock() throws IOException {
        byte[] bytes = new byte[(int) SuperBlockLayout.SIZE];
        MemorySegment block = MemorySegment.ofArray(bytes);
        LittleEndian.putU32(block, SuperBlockLayout.MAGIC, SuperBlockLayout.MAGIC_V1);
        LittleEndian.putU32(
                block,
                SuperBlockLayout.FEATURE_COMPAT,
                SuperBlockLayout.COMPAT_SB_CHKSUM | SuperBlockLayout.COMPAT_MTIME);
        LittleEndian.putU8(block, SuperBlockLayout.BLKSZBITS, BLOCK_BITS);
        LittleEndian.putU16(block, SuperBlockLayout.ROOTNID_2B, (int) placement.nid(0));
        LittleEndian.putI64(block, SuperBlockLayout.INOS, inodes.rows);
        LittleEndian.putI64(block, SuperBlockLayout.EPOCH, options.epochSeconds());
        LittleEndian.putU32(block, SuperBlockLayout.BLOCKS_LO, placement.blocks);
        LittleEndian.putU32(block, SuperBlockLayout.META_BLKADDR, placement.metaBlock);
        ByteBuffer uuid = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN);
        uuid.putLong((int) SuperBlockLayout.UUID, options.uuid().getMostSignificantBits());
        uuid.putLong((int) SuperBlockLayout.UUID + 8, options.uuid().getLeastSignificantBits());
        byte[] name = options.volumeName().getBytes(StandardCharsets.UTF_8);
        System.arraycopy(name, 0, bytes, (int) SuperBlockLayout.VOLUME_NAME, name.length);
        int devices = options.devices().size();
        LittleEndian.putU32(
                block,
                SuperBlockLayout.FEATURE_INCOMPAT,
                SuperBlockLayout.INCOMPAT_CHUNKED_FILE
                        | (devices > 0 ? SuperBlockLayout.INCOMPAT_DEVICE_TABLE : 0));
        LittleEndian.putU16(block, SuperBlockLayout.EXTRA_DEVICES, devices);
        LittleEndian.putU16(
                block,
                SuperBlockLayout.DEVT_SLOTOFF,
                devices > 0 ? (int) (Placement.DEVICE_TABLE / DeviceSlotLayout.SIZE) : 0);
        sink.padTo(SuperBlockLayout.SUPER_OFFSET);
        sink.put(bytes, bytes.length);
    }

    private void putDeviceSlot(DeviceSlot device) throws IOException {
        byte[] bytes = new byte[(int) DeviceSlotLayout.SIZE];
        MemorySegment slot = MemorySegment.ofArray(bytes);
        System.arraycopy(
                device.tag64(), 0, bytes, (int) DeviceSlotLayout.TAG, DeviceSlotLayout.TAG_SIZE);
        LittleEndian.putU32(slot, DeviceSlotLayout.BLOCKS_LO, device.blocks());
        LittleEndian.putU32(slot, DeviceSlotLayout.UNIADDR_LO, device.unifiedBlock());
        sink.put(bytes, bytes.length);
    }

    private void putInode(int row) throws IOException {
        long key = inodes.key[row];
        InodeAttributes attributes = source.attributes(key);
        boolean regular = inodes.type[row] == DirentLayout.TYPE_REGULAR;
        if (DirentLayout.typeOfMode(attributes.mode()) != inodes.type[row]
                || (regular && attributes.size() != inodes.size[row])) {
            throw changed();
        }
        ChunkList chunks = inodes.mapBytes[row] == 0 ? null : source.chunks(key);
        long union = unionOf(row, attributes, chunks);
        long number = attributes.inode() == 0 ? row + 1L : attributes.inode();

        LittleEndian.putU16(
                inodeSegment,
                ExtendedInodeLayout.FORMAT,
                InodeFormat.EXTENDED | (inodes.layout[row] << InodeFormat.LAYOUT_SHIFT));
        LittleEndian.putU16(
                inodeSegment,
                ExtendedInodeLayout.XATTR_ICOUNT,
                XattrEncoder.icount(inodes.xattrBytes[row]));
        LittleEndian.putU16(inodeSegment, ExtendedInodeLayout.MODE, attributes.mode());
        LittleEndian.putI64(inodeSegment, ExtendedInodeLayout.FILE_SIZE, inodes.size[row]);
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.U, union);
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.INO, number);
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.UID, attributes.uid());
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.GID, attributes.gid());
        LittleEndian.putI64(inodeSegment, ExtendedInodeLayout.MTIME, attributes.mtimeSeconds());
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.MTIME_NSEC, attributes.mtimeNanos());
        LittleEndian.putU32(inodeSegment, ExtendedInodeLayout.NLINK, inodes.links[row]);
        sink.padTo(inodes.slot[row] * InodeFormat.SLOT_SIZE);
        sink.put(inodeBytes, inodeBytes.length);
        putXattrs(row);
        if (Placement.inlineBytes(inodes, row) > 0) {
            putData(row, inodes.size[row] / BLOCK_SIZE, Long.MAX_VALUE);
        }
        if (chunks != null) {
            putChunkMap(row, chunks);
        }
    }

    private long unionOf(int row, InodeAttributes attributes, @Nullable ChunkList chunks) {
        return switch (inodes.type[row]) {
            case DirentLayout.TYPE_CHARACTER, DirentLayout.TYPE_BLOCK -> attributes.rdev();
            case DirentLayout.TYPE_FIFO, DirentLayout.TYPE_SOCKET -> 0;
            default ->
                    chunks == null
                            ? inodes.startBlock[row]
                            : ChunkIndexLayout.FORMAT_INDEXES | (chunks.chunkBits() - BLOCK_BITS);
        };
    }

    private void putXattrs(int row) throws IOException {
        if (inodes.xattrBytes[row] > 0) {
            byte[] encoded = XattrEncoder.encode(source.xattrs(inodes.key[row]));
            if (encoded.length != inodes.xattrBytes[row]) {
                throw changed();
            }
            sink.put(encoded, encoded.length);
        }
    }

    private void putChunkMap(int row, ChunkList chunks) throws IOException {
        if (chunks.blocks().length != inodes.mapBytes[row] / ChunkIndexLayout.SIZE) {
            throw changed();
        }
        sink.padTo(Placement.up(sink.position(), ChunkIndexLayout.SIZE));
        byte[] bytes = new byte[ChunkIndexLayout.SIZE];
        MemorySegment index = MemorySegment.ofArray(bytes);
        for (long block : chunks.blocks()) {
            boolean hole = block == ChunkList.HOLE;
            LittleEndian.putU16(index, ChunkIndexLayout.DEVICE_ID, hole ? 0 : chunks.deviceId());
            LittleEndian.putU32(
                    index,
                    ChunkIndexLayout.STARTBLK_LO,
                    hole ? ChunkIndexLayout.NULL_ADDRESS_32 : block);
            sink.put(bytes, bytes.length);
        }
    }

    private void putBlocks(int row) throws IOException {
        sink.padTo(Integer.toUnsignedLong(inodes.startBlock[row]) * BLOCK_SIZE);
        boolean inline = inodes.layout[row] == InodeFormat.FLAT_INLINE;
        putData(row, 0, inline ? inodes.size[row] / BLOCK_SIZE : Long.MAX_VALUE);
    }

    /** Puts the data of a directory or symlink from one of its blocks to before another. */
    private void putData(int row, long fromBlock, long toBlock) throws IOException {
        if (inodes.type[row] == DirentLayout.TYPE_SYMLINK) {
            byte[] target = source.symlinkTarget(inodes.key[row]);
            if (target.length != inodes.size[row]) {
                throw changed();
            }
            for (byte b : target) {
                if (b == 0) {
                    throw new UnwritableTreeException("a symlink's target with NUL");
                }
            }
            sink.put(target, target.length);
            return;
        }
        long[] index = {0};
        DirentPacker packer =
                new DirentPacker((block, length) -> {
                    if (index[0] >= fromBlock && index[0] < toBlock) {
                        boolean last = length < BLOCK_SIZE && isLast(row, index[0]);
                        sink.put(block, last ? length : BLOCK_SIZE);
                    }
                    index[0]++;
                });
        survey.dirents(row, packer, placement::nid);
        packer.finish();
    }

    private boolean isLast(int row, long block) {
        return block == (inodes.size[row] - 1) / BLOCK_SIZE;
    }

    private void putChecksum() throws IOException {
        int covered = (int) (SuperBlockChecksum.end(BLOCK_SIZE) - SuperBlockLayout.SUPER_OFFSET);
        ByteBuffer bytes = sink.readBack(SuperBlockLayout.SUPER_OFFSET, covered);
        ByteBuffer checksum = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        checksum.putInt(0, (int) SuperBlockChecksum.of(bytes));
        sink.overwrite(SuperBlockLayout.SUPER_OFFSET + SuperBlockLayout.CHECKSUM, checksum);
    }

    private static UnwritableTreeException changed() {
        return new UnwritableTreeException("the tree changed while its image was written");
    }
}
