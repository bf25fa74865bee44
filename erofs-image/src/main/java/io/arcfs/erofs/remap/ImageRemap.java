package io.arcfs.erofs.remap;

import io.arcfs.erofs.ChunkIndexes;
import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.DataLayout;
import io.arcfs.erofs.DirectoryCursor;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Extent;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.UnsupportedImageException;
import io.arcfs.erofs.layout.ChunkIndexLayout;
import io.arcfs.erofs.layout.LittleEndian;
import io.arcfs.erofs.layout.SuperBlockChecksum;
import io.arcfs.erofs.layout.SuperBlockLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Writes an image again, byte for byte, but for the addresses of chunks on devices and the
 * superblock's checksum. Every inode, nid, hole and device slot stays. Confined to one thread.
 */
public final class ImageRemap {
    private static final int COPY_BYTES = 1 << 18;

    private final ErofsImage image;
    private final ChunkMove move;
    private final FileChannel target;
    private final Set<Long> seenLinks = new HashSet<>();
    private final Set<Long> seenDirectories = new HashSet<>();
    private final Deque<Long> directories = new ArrayDeque<>();
    private long moved;

    private ImageRemap(ErofsImage image, ChunkMove move, FileChannel target) {
        this.image = image;
        this.move = move;
        this.target = target;
    }

    /**
     * Writes the image to a new file and makes its bytes durable; the caller publishes it. Leaves
     * no file behind when it fails.
     *
     * @return the number of chunks whose address changed
     */
    public static long write(ErofsImage image, ChunkMove move, Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try (channel) {
            ImageRemap remap = new ImageRemap(image, move, channel);
            remap.copy();
            remap.walk();
            remap.putChecksum();
            channel.force(true);
            return remap.moved;
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private void copy() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(COPY_BYTES);
        for (long at = 0; at < image.lengthBytes(); at += COPY_BYTES) {
            buffer.clear().limit((int) Math.min(COPY_BYTES, image.lengthBytes() - at));
            image.copyBytes(at, MemorySegment.ofBuffer(buffer));
            put(buffer, at);
        }
    }

    private void walk() throws IOException {
        directories.add(image.rootNid());
        seenDirectories.add(image.rootNid());
        while (!directories.isEmpty()) {
            DirectoryCursor cursor = image.cursor(directories.remove());
            while (cursor.next()) {
                Inode inode = image.inode(cursor.nid());
                if (inode.isDirectory()) {
                    if (!seenDirectories.add(inode.nid())) {
                        throw new CorruptImageException(
                                cursor.direntOffset(),
                                "directory %d is reached twice (%s)"
                                        .formatted(inode.nid(), image.name()));
                    }
                    directories.add(inode.nid());
                } else if (inode.isRegular()
                        && inode.size() > 0
                        && (inode.nlink() == 1 || seenLinks.add(inode.nid()))) {
                    moveChunks(inode);
                }
            }
        }
    }

    private void moveChunks(Inode inode) throws IOException {
        if (inode.layout() != DataLayout.CHUNK_BASED) {
            refuseOnDevice(inode);
            return;
        }
        ChunkIndexes indexes = image.chunkIndexes(inode.nid());
        ByteBuffer map = indexes.copy().order(ByteOrder.LITTLE_ENDIAN);
        MemorySegment bytes = MemorySegment.ofBuffer(map);
        long movedBefore = moved;
        for (int i = 0; i < indexes.count(); i++) {
            if (indexes.chunk(i) instanceof Extent.Mapped chunk && chunk.deviceId() > 0) {
                moveChunk(inode, indexes, chunk, bytes, (long) i * ChunkIndexLayout.SIZE);
            }
        }
        if (moved > movedBefore) {
            put(map, indexes.offsetBytes());
        }
    }

    private void moveChunk(
            Inode inode, ChunkIndexes indexes, Extent.Mapped chunk, MemorySegment map, long index)
            throws IOException {
        if (!indexes.namesDevices()) {
            throw unsupported(inode, "a block map into a device");
        }
        int blockBits = image.superBlock().blockBits();
        long from = chunk.addressBytes() >> blockBits;
        long blocks = chunk.lengthBytes() >> blockBits;
        long to = move.movedTo(chunk.deviceId(), from, blocks);
        if (to == from) {
            return;
        }
        long device = image.deviceSlots().get(chunk.deviceId() - 1).blocks();
        long limit = indexes.isWide() ? ChunkIndexLayout.NULL_ADDRESS_48 : 0xFFFF_FFFFL;
        if (to < 0 || to > (device == 0 ? limit : Math.min(limit, device)) - blocks) {
            throw unsupported(inode, "a chunk at block %d of a device of %d".formatted(to, device));
        }
        // Addressed by the device itself, should it have been by the unified address space.
        LittleEndian.putU16(map, index + ChunkIndexLayout.DEVICE_ID, chunk.deviceId());
        LittleEndian.putU32(map, index + ChunkIndexLayout.STARTBLK_LO, to);
        if (indexes.isWide()) {
            LittleEndian.putU16(map, index + ChunkIndexLayout.STARTBLK_HI, (int) (to >>> 32));
        }
        moved++;
    }

    /** Data that is not in chunks stays where it is, so it must be in the image. */
    private void refuseOnDevice(Inode inode) throws IOException {
        if (!inode.layout().isCompressed()
                && image.extentAt(inode.nid(), 0) instanceof Extent.Mapped(int device, _, _)
                && device > 0) {
            throw unsupported(inode, "flat data on a device");
        }
    }

    private UnsupportedImageException unsupported(Inode inode, String what) {
        return new UnsupportedImageException(
                "moving the data of inode %d: %s (%s)".formatted(inode.nid(), what, image.name()));
    }

    private void putChecksum() throws IOException {
        if (!image.superBlock().hasChecksum()) {
            return;
        }
        long end = SuperBlockChecksum.end(image.superBlock().blockSizeBytes());
        ByteBuffer covered = ByteBuffer.allocate((int) (end - SuperBlockLayout.SUPER_OFFSET));
        while (covered.hasRemaining()) {
            long at = SuperBlockLayout.SUPER_OFFSET + covered.position();
            if (target.read(covered, at) < 0) {
                throw new IllegalStateException("nothing written at " + at);
            }
        }
        ByteBuffer checksum = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        checksum.putInt(0, (int) SuperBlockChecksum.of(covered.flip()));
        put(checksum, SuperBlockLayout.SUPER_OFFSET + SuperBlockLayout.CHECKSUM);
    }

    private void put(ByteBuffer bytes, long offset) throws IOException {
        while (bytes.hasRemaining()) {
            offset += target.write(bytes, offset);
        }
    }
}
