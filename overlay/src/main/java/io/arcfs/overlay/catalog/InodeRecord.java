package io.arcfs.overlay.catalog;

import io.arcfs.erofs.Xattr;
import io.arcfs.tier.DeviceExtent;
import java.util.ArrayList;
import java.util.List;

/**
 * An inode as a layer records it. Immutable.
 *
 * <p>The bytes of a regular file are its device runs (archived already, wherever they lie) and
 * behind them one append file, whose offsets are the file's own.
 *
 * @param mode type and permission bits
 * @param size what stat shows; beyond {@code writtenEnd} it reads as zeros
 * @param writtenEnd end of the last byte ever written
 * @param nlink names of a file; of a directory 2 and one for each folder in it, in the merged view
 * @param atimeNanos {@link #AS_MTIME} as long as atime was not set to anything else
 * @param origin of a directory; {@link Origin#NONE} for anything else
 * @param target of a symlink; empty for anything else
 * @param runs archived bytes in ascending file order
 * @param appendFile number of the append file, 0 for none
 * @param appendStart file offset where the append file takes over
 */
public record InodeRecord(
        int mode,
        int uid,
        int gid,
        int rdev,
        int nlink,
        long size,
        long writtenEnd,
        long mtimeSeconds,
        int mtimeNanos,
        long ctimeSeconds,
        int ctimeNanos,
        long atimeSeconds,
        int atimeNanos,
        Origin origin,
        byte[] target,
        List<Xattr> xattrs,
        List<Run> runs,
        long appendFile,
        long appendStart) {
    private static final int VERSION = 2;

    /** Nanoseconds of an atime that reads as mtime. */
    public static final int AS_MTIME = -1;

    /**
     * File bytes [fileOffset, fileOffset + extent length) lie at the extent; what no run covers is
     * a hole.
     */
    public record Run(long fileOffset, DeviceExtent extent) {}

    public int type() {
        return mode & Mode.TYPE;
    }

    public boolean isDirectory() {
        return Mode.isDirectory(mode);
    }

    public boolean isRegular() {
        return Mode.isRegular(mode);
    }

    /** A record to change: this one is not touched. */
    public InodeRecordBuilder change() {
        return new InodeRecordBuilder(this);
    }

    public byte[] toBytes() {
        RecordWriter w =
                new RecordWriter(VERSION)
                        .i32(mode)
                        .i32(uid)
                        .i32(gid)
                        .i32(rdev)
                        .i32(nlink)
                        .i64(size)
                        .i64(writtenEnd)
                        .i64(mtimeSeconds)
                        .i32(mtimeNanos)
                        .i64(ctimeSeconds)
                        .i32(ctimeNanos)
                        .i64(atimeSeconds)
                        .i32(atimeNanos);
        switch (origin) {
            case Origin.None _ -> w.u8(0);
            case Origin.Same _ -> w.u8(1);
            case Origin.Path path -> w.u8(2).bytes(path.absolute());
        }
        w.bytes(target).i32(xattrs.size());
        for (Xattr xattr : xattrs) {
            w.bytes(xattr.name()).bytes(xattr.value());
        }
        w.i32(runs.size());
        for (Run run : runs) {
            w.i64(run.fileOffset()).i64(run.extent().address()).i64(run.extent().lengthBytes());
        }
        return w.i64(appendFile).i64(appendStart).toBytes();
    }

    public static InodeRecord of(byte[] bytes) {
        RecordReader r = new RecordReader("inode record", VERSION, bytes);
        int mode = r.i32();
        int uid = r.i32();
        int gid = r.i32();
        int rdev = r.i32();
        int nlink = r.i32();
        long size = r.i64();
        long writtenEnd = r.i64();
        long mtimeSeconds = r.i64();
        int mtimeNanos = r.i32();
        long ctimeSeconds = r.i64();
        int ctimeNanos = r.i32();
        long atimeSeconds = r.i64();
        int atimeNanos = r.i32();
        int kind = r.u8();
        Origin origin =
                switch (kind) {
                    case 0 -> Origin.NONE;
                    case 1 -> Origin.SAME;
                    case 2 -> new Origin.Path(r.bytes());
                    default ->
                            throw new CorruptCatalogException(
                                    "inode record has origin kind " + kind);
                };
        byte[] target = r.bytes();
        int xattrCount = r.count(8);
        List<Xattr> xattrs = new ArrayList<>(xattrCount);
        for (int i = 0; i < xattrCount; i++) {
            xattrs.add(new Xattr(r.bytes(), r.bytes()));
        }
        int runCount = r.count(24);
        List<Run> runs = new ArrayList<>(runCount);
        for (int i = 0; i < runCount; i++) {
            runs.add(new Run(r.i64(), new DeviceExtent(r.i64(), r.i64())));
        }
        return new InodeRecord(
                mode,
                uid,
                gid,
                rdev,
                nlink,
                size,
                writtenEnd,
                mtimeSeconds,
                mtimeNanos,
                ctimeSeconds,
                ctimeNanos,
                atimeSeconds,
                atimeNanos,
                origin,
                target,
                List.copyOf(xattrs),
                List.copyOf(runs),
                r.i64(),
                r.i64());
    }
}
