package io.arcfs.cli.image;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.build.DataCopy;
import io.arcfs.erofs.write.FileData;
import io.arcfs.erofs.write.InodeAttributes;
import io.arcfs.erofs.write.TreeSource;
import io.arcfs.posix.Errno;
import io.arcfs.posix.FileStatus;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files below a directory, as a tree for the image writer; their data goes to a copy while the
 * writer still walks. Keys number the files in the order in which they are met. Symlinks are never
 * followed. Confined to one thread.
 */
final class PosixTreeSource implements TreeSource {
    private static final int NO_FILE = -1;

    private final byte[] root;
    private final DataCopy copy;

    /** Files up to this size stand behind their inode. */
    private final int inlineMax;

    private int count;
    private int[] parents = new int[1024];
    private byte[][] names = new byte[1024][];

    /** What the copy knows a file by. */
    private int[] files = new int[1024];

    /** Files that may have more names, by device and inode. */
    private final Map<List<Long>, Integer> linked = new HashMap<>();

    /** What lstat said of the children of the directory listed last, until the writer asks. */
    private final List<FileStatus> listed = new ArrayList<>();

    private int firstListed;
    private boolean copied;
    private long leftOut;

    PosixTreeSource(Path directory, DataCopy copy, int inlineMax) throws IOException {
        this.root = Posix.bytes(directory.toAbsolutePath());
        this.copy = copy;
        this.inlineMax = inlineMax;
        add(-1, new byte[0]);
        listed.add(Posix.lstat(root));
    }

    /** Attributes that the format has no place for. */
    long leftOut() {
        return leftOut;
    }

    @Override
    public long rootKey() {
        return 0;
    }

    @Override
    public void children(long directoryKey, ChildSink sink) throws IOException {
        byte[] directory = path(directoryKey);
        listed.clear();
        firstListed = count;
        for (byte[] name : Posix.list(directory)) {
            FileStatus status = Posix.lstat(child(directory, name));
            sink.child(name, keyOf((int) directoryKey, name, status));
        }
    }

    private int keyOf(int directory, byte[] name, FileStatus status) {
        if (status.nlink() > 1 && !status.isDirectory()) {
            List<Long> identity = List.of(status.device(), status.inode());
            Integer known = linked.putIfAbsent(identity, count);
            if (known != null) {
                return known;
            }
        }
        listed.add(status);
        return add(directory, name);
    }

    private int add(int parent, byte[] name) {
        if (count == parents.length) {
            int capacity = count + (count >> 1);
            parents = Arrays.copyOf(parents, capacity);
            names = Arrays.copyOf(names, capacity);
            files = Arrays.copyOf(files, capacity);
        }
        parents[count] = parent;
        names[count] = name;
        files[count] = NO_FILE;
        return count++;
    }

    @Override
    public InodeAttributes attributes(long key) throws IOException {
        FileStatus status = listed.get((int) key - firstListed);
        if (status.isRegularFile() && status.size() > inlineMax) {
            files[(int) key] = copy.add(new PosixSource(path(key)), status.size());
        }
        return new InodeAttributes(
                0,
                status.mode(),
                Integer.toUnsignedLong(status.uid()),
                Integer.toUnsignedLong(status.gid()),
                status.isRegularFile() || status.isSymbolicLink() ? status.size() : 0,
                status.rdev(),
                status.mtimeSeconds(),
                status.mtimeNanos());
    }

    @Override
    public List<Xattr> xattrs(long key) throws IOException {
        byte[] path = path(key);
        List<byte[]> found = listXattrs(path);
        if (found.isEmpty()) {
            return List.of();
        }
        List<Xattr> xattrs = new ArrayList<>();
        for (byte[] name : found) {
            byte[] value = Xattr.hasPlace(name) ? value(path, name) : null;
            if (value == null) {
                leftOut++;
            } else {
                xattrs.add(new Xattr(name, value));
            }
        }
        return xattrs;
    }

    private static List<byte[]> listXattrs(byte[] path) throws IOException {
        try {
            return Posix.llistxattr(path);
        } catch (PosixException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                return List.of(); // a file system without any
            }
            throw e;
        }
    }

    /** Null if the attribute went away, or is one that this process may list and not read. */
    private static byte @Nullable [] value(byte[] path, byte[] name) throws IOException {
        try {
            return Posix.lgetxattr(path, name);
        } catch (PosixException e) {
            return switch (e.errno()) {
                case ENODATA, EOPNOTSUPP, EACCES, EPERM -> null;
                default -> throw e;
            };
        }
    }

    @Override
    public byte[] symlinkTarget(long key) throws IOException {
        return Posix.readlink(path(key));
    }

    @Override
    public FileData data(long key) throws IOException {
        return files[(int) key] == NO_FILE
                ? new FileData.Within((offset, target) -> readSmall(key, offset, target))
                : new FileData.Chunks(chunks(key));
    }

    @Override
    public ChunkList chunks(long key) throws IOException {
        finishCopy();
        return copy.chunks(files[(int) key]);
    }

    /** Length of the copied data; waits for it. */
    long dataBlocks() throws IOException {
        finishCopy();
        return copy.blocks();
    }

    private void finishCopy() throws IOException {
        if (!copied) {
            copy.finish();
            copied = true;
        }
    }

    private void readSmall(long key, long offset, java.lang.foreign.MemorySegment target)
            throws IOException {
        byte[] path = path(key);
        try (PosixFile file = PosixFile.open(path, OpenFlag.READ, OpenFlag.NOFOLLOW)) {
            if (file.read(offset, target) < target.byteSize()) {
                throw new IOException(file + " became shorter while it was read");
            }
        }
    }

    private byte[] path(long key) {
        int length = root.length;
        for (int at = (int) key; at > 0; at = parents[at]) {
            length += 1 + names[at].length;
        }
        byte[] path = Arrays.copyOf(root, length);
        int end = length;
        for (int at = (int) key; at > 0; at = parents[at]) {
            byte[] name = names[at];
            end -= name.length;
            System.arraycopy(name, 0, path, end, name.length);
            path[--end] = '/';
        }
        return path;
    }

    private static byte[] child(byte[] directory, byte[] name) {
        byte[] path = Arrays.copyOf(directory, directory.length + 1 + name.length);
        path[directory.length] = '/';
        System.arraycopy(name, 0, path, directory.length + 1, name.length);
        return path;
    }
}
