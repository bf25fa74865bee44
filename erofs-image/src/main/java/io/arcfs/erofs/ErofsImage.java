package io.arcfs.erofs;

import io.arcfs.erofs.layout.InodeFormat;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An EROFS image, read in place. Superblock, device table and root are checked when it is opened;
 * everything else where it is read: bytes that break the format give a {@link
 * CorruptImageException}, never a crash, an endless loop or bytes from outside.
 *
 * <p>Thread-safe. There is nothing to close: the mapping lives as long as the image is reachable,
 * even after the file was unlinked.
 */
public final class ErofsImage {
    /** What {@link #lookup} returns for a name that is not there. */
    public static final long ABSENT = -1;

    private final ImageBytes bytes;
    private final SuperBlock superBlock;
    private final List<DeviceSlot> deviceSlots;
    private final InodeReader inodes;
    private final DataMap data;
    private final Directory directories;
    private final XattrReader xattrs;

    private ErofsImage(
            ImageBytes bytes,
            SuperBlock superBlock,
            List<DeviceSlot> deviceSlots,
            InodeReader inodes,
            DataMap data,
            Directory directories,
            XattrReader xattrs) {
        this.bytes = bytes;
        this.superBlock = superBlock;
        this.deviceSlots = deviceSlots;
        this.inodes = inodes;
        this.data = data;
        this.directories = directories;
        this.xattrs = xattrs;
    }

    /** Maps a regular file and checks what every image must have. */
    public static ErofsImage open(Path meta) throws IOException {
        if (!Files.exists(meta)) {
            throw new NoSuchFileException(meta.toString());
        }
        // Asked before opening: the open of a FIFO would wait for a writer.
        if (!Files.isRegularFile(meta)) {
            throw new CorruptImageException(0, "not a regular file (" + meta + ")");
        }
        try (FileChannel channel = FileChannel.open(meta, StandardOpenOption.READ)) {
            MemorySegment mapped =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
            return of(mapped, meta.toString());
        }
    }

    /** An image in memory; {@code name} appears in messages. */
    public static ErofsImage of(MemorySegment bytes, String name) throws IOException {
        ImageBytes image = new ImageBytes(bytes, name);
        try {
            return image.settled(read(image));
        } catch (InternalError e) {
            throw image.vanished(e);
        }
    }

    private static ErofsImage read(ImageBytes image) throws IOException {
        SuperBlock superBlock = SuperBlockReader.read(image);
        List<DeviceSlot> slots = SuperBlockReader.readDeviceSlots(image, superBlock);
        InodeReader inodes = new InodeReader(image, superBlock);
        DataMap data = new DataMap(image, superBlock, slots, inodes);
        Directory directories = new Directory(image, superBlock, inodes, data);
        XattrReader xattrs = XattrReader.open(image, superBlock, inodes);
        ErofsImage opened =
                new ErofsImage(image, superBlock, slots, inodes, data, directories, xattrs);
        opened.locateDirectory(superBlock.rootNid());
        return opened;
    }

    /** The name it was opened by, for messages. */
    public String name() {
        return bytes.name();
    }

    public SuperBlock superBlock() {
        return superBlock;
    }

    public List<DeviceSlot> deviceSlots() {
        return deviceSlots;
    }

    /** Length of the image's bytes. */
    public long lengthBytes() {
        return bytes.size();
    }

    public long rootNid() {
        return superBlock.rootNid();
    }

    /** The nid behind a name of a directory ("." and ".." too), or {@link #ABSENT}. */
    public long lookup(long directoryNid, byte[] name) throws CorruptImageException {
        try {
            return bytes.settled(directories.lookup(locateDirectory(directoryNid), name));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /** Where an inode stands in the image. */
    public long inodeOffset(long nid) throws CorruptImageException {
        try {
            return bytes.settled(inodes.locate(nid));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /** Length of an inode with its xattrs, and its chunk map or inline data. */
    public long inodeLengthBytes(long nid) throws CorruptImageException {
        try {
            long inode = inodes.locate(nid);
            return bytes.settled(data.endOf(inode) - inode);
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /** Whether a directory is allowed to have no ".". */
    public boolean isDotOmitted(long nid) throws CorruptImageException {
        try {
            return bytes.settled(inodes.isDotOmitted(inodes.locate(nid)));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    public Inode inode(long nid) throws CorruptImageException {
        try {
            return bytes.settled(inodes.decode(nid));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /** The number of an inode alone: allocates nothing. */
    public long inodeNumber(long nid) throws CorruptImageException {
        try {
            return bytes.settled(inodes.number(inodes.locate(nid)));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /** Type and permissions of an inode alone: allocates nothing. */
    public int mode(long nid) throws CorruptImageException {
        try {
            return bytes.settled(inodes.mode(inodes.locate(nid)));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /** Lists a directory in the order of its names, without "." and "..". */
    public void list(long directoryNid, DirentSink sink) throws IOException {
        DirectoryCursor cursor = cursor(directoryNid);
        while (cursor.next()) {
            sink.dirent(cursor.name(), cursor.nid(), cursor.fileType());
        }
    }

    /** As {@link #list}, name by name. */
    public DirectoryCursor cursor(long directoryNid) throws CorruptImageException {
        try {
            return bytes.settled(
                    new DirectoryCursor(bytes, directories, locateDirectory(directoryNid)));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    public byte[] symlinkTarget(long nid) throws IOException {
        try {
            return bytes.settled(readTarget(nid));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    private byte[] readTarget(long nid) throws IOException {
        long inode = inodes.locate(nid);
        if ((inodes.mode(inode) & InodeFormat.S_IFMT) != InodeFormat.S_IFLNK) {
            throw bytes.corrupt(inode, "inode " + nid + " is no symlink");
        }
        long size = inodes.size(inode);
        if (size == 0 || size > InodeFormat.SYMLINK_MAX) {
            throw bytes.corrupt(inode, "a symlink's target of " + size + " bytes");
        }
        byte[] target = new byte[(int) size];
        readInode(
                inode,
                0,
                MemorySegment.ofArray(target),
                (device, _, _) -> {
                    throw bytes.corrupt(inode, "a symlink's target on device " + device);
                });
        for (byte b : target) {
            if (b == 0) {
                throw bytes.corrupt(inode, "a symlink's target with NUL");
            }
        }
        return target;
    }

    /** All extended attributes with full names, marks of overlays among them. */
    public List<Xattr> xattrs(long nid) throws CorruptImageException {
        try {
            return bytes.settled(xattrs.all(inodes.locate(nid)));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /** The value of an attribute by its full name, or null if there is none. */
    public byte @Nullable [] xattr(long nid, byte[] fullName) throws CorruptImageException {
        try {
            return bytes.settled(xattrs.value(inodes.locate(nid), fullName));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /**
     * The chunks of a file, all of which lie on one device: a chunk map, or whole blocks in a row.
     */
    public ChunkList chunks(long nid) throws IOException {
        try {
            return bytes.settled(readChunks(nid));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    private ChunkList readChunks(long nid) throws IOException {
        long inode = inodes.locate(nid);
        DataLayout layout = inodes.layout(inode);
        if (layout.isCompressed()) {
            throw data.compressed();
        }
        if (layout == DataLayout.FLAT_PLAIN) {
            return data.flatAsChunks(inode);
        }
        if (layout != DataLayout.CHUNK_BASED) {
            throw new UnsupportedImageException(
                    "chunks of inode %d, whose data is %s (%s)".formatted(nid, layout, name()));
        }
        DataMap.ChunkMap map = data.chunkMap(inode);
        long[] blocks = new long[Math.toIntExact(map.count())];
        int device = 0;
        for (int i = 0; i < blocks.length; i++) {
            if (map.isHole(i)) {
                blocks[i] = ChunkList.HOLE;
                continue;
            }
            Extent.Mapped chunk = map.chunk(i);
            if (device != 0 && chunk.deviceId() != device) {
                throw new UnsupportedImageException(
                        "chunks of inode %d on several devices (%s)".formatted(nid, name()));
            }
            device = chunk.deviceId();
            blocks[i] = chunk.addressBytes() >> superBlock.blockBits();
        }
        return new ChunkList(map.chunkBits(), device, blocks);
    }

    /** The run of bytes at an offset within a file, joined with what follows where it is cheap. */
    public Extent extentAt(long nid, long offsetBytes) throws IOException {
        try {
            return bytes.settled(data.extentAt(inodes.locate(nid), offsetBytes));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /**
     * Reads up to the target's size; fewer bytes only at the end of the file. Returns the number of
     * bytes read.
     */
    public int read(long nid, long offsetBytes, MemorySegment target, DeviceReader devices)
            throws IOException {
        try {
            return bytes.settled(readInode(inodes.locate(nid), offsetBytes, target, devices));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /** Fills {@code target} with bytes that the image holds itself, all of it or an exception. */
    public void readInner(long nid, long offsetBytes, MemorySegment target) throws IOException {
        int got =
                read(
                        nid,
                        offsetBytes,
                        target,
                        (device, _, _) -> {
                            throw bytes.corrupt(
                                    inodeOffset(nid), "inline data on device " + device);
                        });
        if (got < target.byteSize()) {
            throw bytes.corrupt(
                    inodeOffset(nid), "inode " + nid + " has no byte " + (offsetBytes + got));
        }
    }

    /** The chunk map of a chunk-based file, entry by entry. */
    public ChunkIndexes chunkIndexes(long nid) throws IOException {
        try {
            long inode = inodes.locate(nid);
            if (inodes.layout(inode) != DataLayout.CHUNK_BASED) {
                throw bytes.corrupt(inode, "inode " + nid + " has no chunk map");
            }
            return bytes.settled(new ChunkIndexes(bytes, data.chunkMap(inode)));
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    /** Fills {@code target} with the image's own bytes at an offset. */
    public void copyBytes(long offsetBytes, MemorySegment target) throws CorruptImageException {
        bytes.require(offsetBytes, target.byteSize(), "a copy");
        try {
            target.copyFrom(bytes.segment.asSlice(offsetBytes, target.byteSize()));
            bytes.settle();
        } catch (InternalError e) {
            throw bytes.vanished(e);
        }
    }

    private int readInode(long inode, long offset, MemorySegment target, DeviceReader devices)
            throws IOException {
        long size = inodes.size(inode);
        long wanted = Math.min(Math.min(target.byteSize(), Integer.MAX_VALUE), size - offset);
        long done = 0;
        while (done < wanted) {
            Extent extent = data.extentAt(inode, offset + done);
            long length = Math.min(extent.lengthBytes(), wanted - done);
            MemorySegment part = target.asSlice(done, length);
            switch (extent) {
                case Extent.Hole _ -> part.fill((byte) 0);
                case Extent.Mapped(int device, long address, long _) when device == 0 ->
                        part.copyFrom(bytes.segment.asSlice(address, length));
                case Extent.Mapped(int device, long address, long _) ->
                        devices.read(device, address, part);
            }
            done += length;
        }
        return (int) done;
    }

    private long locateDirectory(long nid) throws CorruptImageException {
        long inode = inodes.locate(nid);
        if (!inodes.isDirectory(inode)) {
            throw bytes.corrupt(inode, "inode " + nid + " is no directory");
        }
        return inode;
    }

    @Override
    public String toString() {
        return "ErofsImage[" + name() + "]";
    }
}
