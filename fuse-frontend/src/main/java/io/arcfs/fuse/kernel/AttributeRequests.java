package io.arcfs.fuse.kernel;

import io.arcfs.overlay.AttributeChange;
import io.arcfs.overlay.AttributeChange.Time;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FsException;
import org.jspecify.annotations.Nullable;

/** The requests on attributes, and statfs. Confined to its reader. */
final class AttributeRequests {
    private static final int PERMISSION_BITS = 07777;

    // struct fuse_setattr_in
    private static final int VALID = 0;
    private static final int HANDLE = 8;
    private static final int SIZE = 16;
    private static final int ATIME = 32;
    private static final int MTIME = 40;
    private static final int ATIME_NANOS = 56;
    private static final int MTIME_NANOS = 60;
    private static final int MODE = 68;
    private static final int UID = 76;
    private static final int GID = 80;

    // FATTR_*
    private static final int SET_MODE = 1;
    private static final int SET_UID = 1 << 1;
    private static final int SET_GID = 1 << 2;
    private static final int SET_SIZE = 1 << 3;
    private static final int SET_ATIME = 1 << 4;
    private static final int SET_MTIME = 1 << 5;
    private static final int WITH_HANDLE = 1 << 6;
    private static final int ATIME_NOW = 1 << 7;
    private static final int MTIME_NOW = 1 << 8;
    private static final int KILL_SUIDGID = 1 << 11;

    private static final int ALL_BUT_SIZE = SET_MODE | SET_UID | SET_GID | SET_ATIME | SET_MTIME;

    private final Session session;
    private final FileSystem fileSystem;
    private final Notifier notifier;

    AttributeRequests(Session session, Notifier notifier) {
        this.session = session;
        this.fileSystem = session.fileSystem;
        this.notifier = notifier;
    }

    /** The kernel never says through which handle; an inode without a name is found by number. */
    void getattr(Request request, Reply reply) throws FsException {
        reply.attributes(fileSystem.getattr(request.inode()));
    }

    void statx(Request request, Reply reply) throws FsException {
        reply.statx(fileSystem.getattr(request.inode()));
    }

    void setattr(Request request, Reply reply) throws FsException {
        int valid = request.intAt(VALID);
        long inode = request.inode();
        boolean resizes = (valid & SET_SIZE) != 0;
        FileHandle handle =
                resizes && (valid & WITH_HANDLE) != 0
                        ? session.files.get(request.longAt(HANDLE))
                        : null;
        if (resizes) {
            boolean killBits = (valid & KILL_SUIDGID) != 0;
            if (handle != null) {
                session.privileges.beforeWrite(handle, killBits);
                handle.file().truncate(request.longAt(SIZE));
            } else {
                fileSystem.setattr(inode, AttributeChange.ofSize(request.longAt(SIZE)));
                session.privileges.resized(inode, killBits);
            }
            notifier.invalidateAll(session.openModes.othersOf(request.nodeId()));
        }
        if ((valid & ALL_BUT_SIZE) == 0) {
            reply.attributes(fileSystem.getattr(inode));
            return;
        }
        Attributes after = fileSystem.setattr(inode, change(request, valid));
        if ((valid & (SET_UID | SET_GID)) != 0 && (valid & SET_MODE) == 0) {
            after = session.privileges.givenAway(after);
        }
        reply.attributes(after);
    }

    private static AttributeChange change(Request request, int valid) {
        Integer permissions =
                (valid & SET_MODE) != 0 ? request.intAt(MODE) & PERMISSION_BITS : null;
        Integer uid = (valid & SET_UID) != 0 ? request.intAt(UID) : null;
        Integer gid = (valid & SET_GID) != 0 ? request.intAt(GID) : null;
        return new AttributeChange(
                permissions,
                uid,
                gid,
                null,
                time(request, valid, SET_ATIME, ATIME_NOW, ATIME, ATIME_NANOS),
                time(request, valid, SET_MTIME, MTIME_NOW, MTIME, MTIME_NANOS));
    }

    private static @Nullable Time time(
            Request request, int valid, int set, int now, int seconds, int nanos) {
        if ((valid & set) == 0) {
            return null;
        }
        return (valid & now) != 0
                ? Time.NOW
                : new Time(request.longAt(seconds), request.intAt(nanos));
    }

    void statfs(Reply reply) throws FsException {
        reply.statfs(fileSystem.space(), FileSystem.NAME_MAX);
    }
}
