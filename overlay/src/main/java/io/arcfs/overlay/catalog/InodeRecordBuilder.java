package io.arcfs.overlay.catalog;

import io.arcfs.erofs.Xattr;
import io.arcfs.overlay.catalog.InodeRecord.Run;
import java.time.Instant;
import java.util.List;

/** Makes an {@link InodeRecord} field by field. Confined to one thread. */
public final class InodeRecordBuilder {
    private int mode;
    private int uid;
    private int gid;
    private int rdev;
    private int nlink;
    private long size;
    private long writtenEnd;
    private long mtimeSeconds;
    private int mtimeNanos;
    private long ctimeSeconds;
    private int ctimeNanos;
    private long atimeSeconds;
    private int atimeNanos = InodeRecord.AS_MTIME;
    private Origin origin = Origin.NONE;
    private byte[] target = {};
    private List<Xattr> xattrs = List.of();
    private List<Run> runs = List.of();
    private long appendFile;
    private long appendStart;

    /** Starts a new inode: a file with one name, or an empty directory. */
    public InodeRecordBuilder(int mode, int uid, int gid) {
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
        this.nlink = Mode.isDirectory(mode) ? 2 : 1;
    }

    InodeRecordBuilder(InodeRecord from) {
        mode = from.mode();
        uid = from.uid();
        gid = from.gid();
        rdev = from.rdev();
        nlink = from.nlink();
        size = from.size();
        writtenEnd = from.writtenEnd();
        mtimeSeconds = from.mtimeSeconds();
        mtimeNanos = from.mtimeNanos();
        ctimeSeconds = from.ctimeSeconds();
        ctimeNanos = from.ctimeNanos();
        atimeSeconds = from.atimeSeconds();
        atimeNanos = from.atimeNanos();
        origin = from.origin();
        target = from.target();
        xattrs = from.xattrs();
        runs = from.runs();
        appendFile = from.appendFile();
        appendStart = from.appendStart();
    }

    public InodeRecordBuilder permissions(int permissions) {
        mode = (mode & Mode.TYPE) | (permissions & Mode.PERMISSIONS);
        return this;
    }

    public InodeRecordBuilder uid(int value) {
        uid = value;
        return this;
    }

    public InodeRecordBuilder gid(int value) {
        gid = value;
        return this;
    }

    public InodeRecordBuilder rdev(int value) {
        rdev = value;
        return this;
    }

    public InodeRecordBuilder nlink(int value) {
        nlink = value;
        return this;
    }

    public InodeRecordBuilder size(long value) {
        size = value;
        return this;
    }

    public InodeRecordBuilder writtenEnd(long value) {
        writtenEnd = value;
        return this;
    }

    public InodeRecordBuilder mtime(Instant time) {
        return mtime(time.getEpochSecond(), time.getNano());
    }

    public InodeRecordBuilder mtime(long seconds, int nanos) {
        mtimeSeconds = seconds;
        mtimeNanos = nanos;
        return this;
    }

    public InodeRecordBuilder ctime(Instant time) {
        return ctime(time.getEpochSecond(), time.getNano());
    }

    public InodeRecordBuilder ctime(long seconds, int nanos) {
        ctimeSeconds = seconds;
        ctimeNanos = nanos;
        return this;
    }

    /** Sets atime; one that equals mtime when the record is built is not kept apart from it. */
    public InodeRecordBuilder atime(long seconds, int nanos) {
        atimeSeconds = seconds;
        atimeNanos = nanos;
        return this;
    }

    public InodeRecordBuilder origin(Origin value) {
        origin = value;
        return this;
    }

    public InodeRecordBuilder target(byte[] value) {
        target = value;
        size = value.length;
        return this;
    }

    public InodeRecordBuilder xattrs(List<Xattr> value) {
        xattrs = List.copyOf(value);
        return this;
    }

    public InodeRecordBuilder data(List<Run> newRuns, long newAppendFile, long newAppendStart) {
        runs = List.copyOf(newRuns);
        appendFile = newAppendFile;
        appendStart = newAppendStart;
        return this;
    }

    public InodeRecord build() {
        if (atimeSeconds == mtimeSeconds && atimeNanos == mtimeNanos) {
            atimeNanos = InodeRecord.AS_MTIME;
        }
        if (atimeNanos == InodeRecord.AS_MTIME) {
            atimeSeconds = 0;
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
                xattrs,
                runs,
                appendFile,
                appendStart);
    }
}
