package io.arcfs.fuse.jnr;

import io.arcfs.fuse.abi.NativeBuffers;
import io.arcfs.overlay.AttributeChange;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystemSpace;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseContext;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Statvfs;

/**
 * The C structures that libfuse passes, read and written in place; the offsets are those of
 * jnr-fuse's structures for this CPU. Immutable.
 */
final class NativeStructs {
    /** What programs should read and write at a time; libfuse's largest request. */
    static final int PREFERRED_IO_BYTES = 128 * 1024;

    private static final int BLOCK_BYTES = 4096;
    private static final long UTIME_NOW = (1L << 30) - 1;
    private static final long UTIME_OMIT = (1L << 30) - 2;
    private static final int TIMESPEC_BYTES = 16;

    /**
     * {@code direct_io:1, keep_cache:1, ...} of {@code struct fuse_file_info} stand in the word
     * behind {@code int writepage}; jnr-fuse has them one word too early.
     */
    private static final int FILE_INFO_BITS_OFFSET = 20;

    private static final byte DIRECT_IO = 1;
    private static final byte KEEP_CACHE = 2;
    private static final byte FRESH_CACHE = 0;

    private static final Runtime RUNTIME = Runtime.getSystemRuntime();
    private static final FileStat STAT = new FileStat(RUNTIME);
    private static final Statvfs STATVFS = new Statvfs(RUNTIME);
    private static final FuseContext CONTEXT = new FuseContext(RUNTIME);
    private static final FuseFileInfo FILE_INFO =
            FuseFileInfo.of(jnr.ffi.Pointer.wrap(RUNTIME, 0L));

    static final long STAT_BYTES = Struct.size(STAT);
    private static final long STATVFS_BYTES = Struct.size(STATVFS);

    /** {@code nlink_t} and {@code blksize_t} are words on x86-64 and half as wide on aarch64. */
    private static final boolean WIDE = !"aarch64".equals(System.getProperty("os.arch"));

    private NativeStructs() {}

    static void putStat(long stat, Attributes attributes) {
        NativeBuffers.zero(stat, STAT_BYTES);
        NativeBuffers.putLong(stat + STAT.st_ino.offset(), attributes.inode());
        putWide(stat + STAT.st_nlink.offset(), attributes.nlink());
        NativeBuffers.putInt(stat + STAT.st_mode.offset(), attributes.mode());
        NativeBuffers.putInt(stat + STAT.st_uid.offset(), attributes.uid());
        NativeBuffers.putInt(stat + STAT.st_gid.offset(), attributes.gid());
        NativeBuffers.putLong(
                stat + STAT.st_rdev.offset(), Integer.toUnsignedLong(attributes.rdev()));
        NativeBuffers.putLong(stat + STAT.st_size.offset(), attributes.size());
        putWide(stat + STAT.st_blksize.offset(), PREFERRED_IO_BYTES);
        NativeBuffers.putLong(stat + STAT.st_blocks.offset(), attributes.blocks512());
        putTime(
                stat + STAT.st_atim.tv_sec.offset(),
                attributes.atimeSeconds(),
                attributes.atimeNanos());
        putTime(
                stat + STAT.st_mtim.tv_sec.offset(),
                attributes.mtimeSeconds(),
                attributes.mtimeNanos());
        putTime(
                stat + STAT.st_ctim.tv_sec.offset(),
                attributes.ctimeSeconds(),
                attributes.ctimeNanos());
    }

    /** What a directory entry tells: the inode number and the type bits. */
    static void putEntryStat(long stat, long inode, int type) {
        NativeBuffers.putLong(stat + STAT.st_ino.offset(), inode);
        NativeBuffers.putInt(stat + STAT.st_mode.offset(), type);
    }

    static void putSpace(long statvfs, FileSystemSpace space, int nameMax) {
        NativeBuffers.zero(statvfs, STATVFS_BYTES);
        // one unit for both, because some programs multiply by f_bsize and others by f_frsize
        NativeBuffers.putLong(statvfs + STATVFS.f_bsize.offset(), BLOCK_BYTES);
        NativeBuffers.putLong(statvfs + STATVFS.f_frsize.offset(), BLOCK_BYTES);
        long freeBlocks = space.freeBytes() / BLOCK_BYTES;
        NativeBuffers.putLong(
                statvfs + STATVFS.f_blocks.offset(), space.totalBytes() / BLOCK_BYTES);
        NativeBuffers.putLong(statvfs + STATVFS.f_bfree.offset(), freeBlocks);
        NativeBuffers.putLong(statvfs + STATVFS.f_bavail.offset(), freeBlocks);
        NativeBuffers.putLong(statvfs + STATVFS.f_files.offset(), space.files());
        NativeBuffers.putLong(statvfs + STATVFS.f_ffree.offset(), space.freeFiles());
        NativeBuffers.putLong(statvfs + STATVFS.f_favail.offset(), space.freeFiles());
        NativeBuffers.putLong(statvfs + STATVFS.f_namemax.offset(), nameMax);
    }

    /** The kernel has applied the umask to the modes that this transport sees. */
    static Caller caller(long context) {
        return new Caller(
                NativeBuffers.getInt(context + CONTEXT.uid.offset()),
                NativeBuffers.getInt(context + CONTEXT.gid.offset()),
                0);
    }

    static int openFlags(long fileInfo) {
        return NativeBuffers.getInt(fileInfo + FILE_INFO.flags.offset());
    }

    static long handle(long fileInfo) {
        return NativeBuffers.getLong(fileInfo + FILE_INFO.fh.offset());
    }

    static void putHandle(long fileInfo, long handle) {
        NativeBuffers.putLong(fileInfo + FILE_INFO.fh.offset(), handle);
    }

    static void putCaching(long fileInfo, FileCaching caching) {
        NativeBuffers.putByte(
                fileInfo + FILE_INFO_BITS_OFFSET,
                switch (caching) {
                    case DIRECT -> DIRECT_IO;
                    case FRESH -> FRESH_CACHE;
                    case KEPT -> KEEP_CACHE;
                });
    }

    /** {@code times[0]}, or null for UTIME_OMIT. */
    static AttributeChange.@Nullable Time atime(long times) {
        return time(times);
    }

    /** {@code times[1]}, or null for UTIME_OMIT. */
    static AttributeChange.@Nullable Time mtime(long times) {
        return time(times + TIMESPEC_BYTES);
    }

    private static AttributeChange.@Nullable Time time(long timespec) {
        long seconds = NativeBuffers.getLong(timespec);
        long nanos = NativeBuffers.getLong(timespec + Long.BYTES);
        if (nanos == UTIME_OMIT) {
            return null;
        }
        return nanos == UTIME_NOW
                ? AttributeChange.Time.NOW
                : new AttributeChange.Time(seconds, (int) nanos);
    }

    private static void putTime(long timespec, long seconds, int nanos) {
        NativeBuffers.putLong(timespec, seconds);
        NativeBuffers.putLong(timespec + Long.BYTES, nanos);
    }

    private static void putWide(long address, int value) {
        if (WIDE) {
            NativeBuffers.putLong(address, value);
        } else {
            NativeBuffers.putInt(address, value);
        }
    }
}
