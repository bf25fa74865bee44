package io.arcfs.fuse.kernel;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a successor has to know of a mount, as bytes. It lives for the moment of a hand-over and is
 * read by the same or a later version, which refuses what it does not know.
 *
 * <pre>
 *   version, negotiation, count + epochs, count + inodes, count + files, count + directories
 *   (java.io.DataOutput)
 * </pre>
 */
final class MountStateCodec {
    private static final int VERSION = 1;

    private MountStateCodec() {}

    /** An inode that the kernel knows, by one of its names. */
    @SuppressWarnings("ArrayRecordComponent") // a message, never compared
    record KnownInode(long inode, long parent, byte[] name, long references) {}

    /**
     * An open file.
     *
     * @param backingId what the kernel knows its backing file by, or 0
     */
    record OpenFileState(
            long handle,
            long nodeId,
            boolean read,
            boolean write,
            FileHandle.IoMode ioMode,
            int backingId) {}

    /** An open directory. */
    record OpenDirectoryState(long handle, long inode) {}

    /** All of it. */
    record MountState(
            Negotiation agreed,
            Map<Long, Integer> epochs,
            List<KnownInode> inodes,
            List<OpenFileState> files,
            List<OpenDirectoryState> directories) {}

    static byte[] encode(MountState state) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(VERSION);
            Negotiation agreed = state.agreed();
            out.writeInt(agreed.minor());
            out.writeLong(agreed.flags());
            out.writeInt(agreed.maxReadaheadBytes());
            out.writeInt(agreed.maxWriteBytes());
            out.writeInt(agreed.maxStackDepth());
            out.writeInt(state.epochs().size());
            for (Map.Entry<Long, Integer> epoch : state.epochs().entrySet()) {
                out.writeLong(epoch.getKey());
                out.writeInt(epoch.getValue());
            }
            out.writeInt(state.inodes().size());
            for (KnownInode inode : state.inodes()) {
                out.writeLong(inode.inode());
                out.writeLong(inode.parent());
                out.writeShort(inode.name().length);
                out.write(inode.name());
                out.writeLong(inode.references());
            }
            out.writeInt(state.files().size());
            for (OpenFileState file : state.files()) {
                out.writeLong(file.handle());
                out.writeLong(file.nodeId());
                out.writeBoolean(file.read());
                out.writeBoolean(file.write());
                out.writeUTF(file.ioMode().name());
                out.writeInt(file.backingId());
            }
            out.writeInt(state.directories().size());
            for (OpenDirectoryState directory : state.directories()) {
                out.writeLong(directory.handle());
                out.writeLong(directory.inode());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    static MountState decode(byte[] bytes) throws IOException {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readInt();
            if (version != VERSION) {
                throw new IOException(
                        "the state handed over has version " + version + ", not " + VERSION);
            }
            var agreed =
                    new Negotiation(
                            in.readInt(), in.readLong(), in.readInt(), in.readInt(), in.readInt());
            return new MountState(agreed, epochs(in), inodes(in), files(in), directories(in));
        } catch (IllegalArgumentException e) {
            throw new IOException("the state handed over is not understood", e);
        }
    }

    private static Map<Long, Integer> epochs(DataInputStream in) throws IOException {
        int count = in.readInt();
        Map<Long, Integer> epochs = new HashMap<>();
        for (int i = 0; i < count; i++) {
            epochs.put(in.readLong(), in.readInt());
        }
        return epochs;
    }

    private static List<KnownInode> inodes(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<KnownInode> inodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long inode = in.readLong();
            long parent = in.readLong();
            byte[] name = in.readNBytes(in.readUnsignedShort());
            inodes.add(new KnownInode(inode, parent, name, in.readLong()));
        }
        return inodes;
    }

    private static List<OpenFileState> files(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<OpenFileState> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            files.add(
                    new OpenFileState(
                            in.readLong(),
                            in.readLong(),
                            in.readBoolean(),
                            in.readBoolean(),
                            FileHandle.IoMode.valueOf(in.readUTF()),
                            in.readInt()));
        }
        return files;
    }

    private static List<OpenDirectoryState> directories(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<OpenDirectoryState> directories = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            directories.add(new OpenDirectoryState(in.readLong(), in.readLong()));
        }
        return directories;
    }
}
