package io.arcfs.fuse.memory;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.posix.FileStatus;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** One inode of {@link MemoryFileSystem}. Guarded by its file system. */
final class MemoryInode {
    final long number;
    final int type;
    final int rdev;

    /** Names of a directory, in the order they were made. */
    final Map<Name, MemoryInode> entries = new LinkedHashMap<>();

    private static final Storage NO_BYTES = new SparseBytes();

    final Map<Name, byte[]> xattrs = new LinkedHashMap<>();

    int permissions;
    int uid;
    int gid;
    int nlink = 1;
    long references;
    int opens;
    Instant mtime = Instant.now();
    Instant ctime = mtime;

    /** Null: it reads as mtime. */
    @Nullable Instant atime;

    byte[] target = {};

    private final Storage data;
    private volatile long size;

    /** End of the last byte ever written: below it nothing changes. */
    private long writtenEnd;

    MemoryInode(long number, int mode, int rdev, LongFunction<Storage> storage) {
        this.number = number;
        this.type = mode & FileStatus.S_IFMT;
        this.permissions = mode & 07777;
        this.rdev = rdev;
        this.data = isRegular() ? storage.apply(number) : NO_BYTES;
    }

    boolean isDirectory() {
        return type == FileStatus.S_IFDIR;
    }

    boolean isRegular() {
        return type == FileStatus.S_IFREG;
    }

    long size() {
        return type == FileStatus.S_IFLNK ? target.length : size;
    }

    void changed() {
        ctime = Instant.now();
    }

    void modified() {
        mtime = Instant.now();
        ctime = mtime;
    }

    /** Names of a file; a directory counts its folders. */
    private int links() {
        if (!isDirectory() || nlink == 0) {
            return nlink;
        }
        return 2 + (int) entries.values().stream().filter(MemoryInode::isDirectory).count();
    }

    Attributes attributes() {
        Instant read = atime == null ? mtime : atime;
        return new Attributes(
                number,
                type | permissions,
                links(),
                uid,
                gid,
                rdev,
                size(),
                (size() + 511) / 512,
                read.getEpochSecond(),
                read.getNano(),
                mtime.getEpochSecond(),
                mtime.getNano(),
                ctime.getEpochSecond(),
                ctime.getNano());
    }

    /** Needs no lock: what is written does not change. */
    int read(long offset, MemorySegment buffer) throws IOException {
        long end = size;
        if (offset >= end) {
            return 0;
        }
        int length = (int) Math.min(buffer.byteSize(), end - offset);
        data.get(offset, buffer.asSlice(0, length));
        return length;
    }

    @Nullable BackingFile backing() {
        return data.backing();
    }

    void append(long offset, MemorySegment source) throws IOException {
        if (offset < writtenEnd) {
            throw new FsException(Reason.NOT_PERMITTED, "bytes are there already");
        }
        long end = offset + source.byteSize();
        data.put(offset, source);
        writtenEnd = end;
        size = Math.max(size, end);
        modified();
    }

    void resize(long newSize) throws IOException {
        if (newSize == size) {
            return;
        }
        if (newSize == 0) {
            data.clear();
            writtenEnd = 0;
        } else if (newSize < size) {
            throw new FsException(Reason.NOT_PERMITTED, "a file only grows, or starts anew");
        }
        size = newSize;
        modified();
    }

    /** The inode is gone. */
    void drop() throws IOException {
        data.close();
    }
}
