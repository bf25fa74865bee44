package io.arcfs.fuse.kernel;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;

/** The requests that look up, make, move and remove names. Thread-safe. */
final class NameRequests {
    private static final int PERMISSION_BITS = 07777;

    // flags of renameat2(2)
    private static final int RENAME_NOREPLACE = 1;
    private static final int RENAME_EXCHANGE = 2;

    // struct fuse_mkdir_in, fuse_mknod_in, fuse_rename_in, fuse_rename2_in, fuse_link_in
    private static final int MKDIR_UMASK = 4;
    private static final int MKDIR_NAME = 8;
    private static final int MKNOD_RDEV = 4;
    private static final int MKNOD_UMASK = 8;
    private static final int MKNOD_NAME = 16;
    private static final int RENAME_NAMES = 8;
    private static final int RENAME2_FLAGS = 8;
    private static final int RENAME2_NAMES = 16;
    private static final int LINK_NAME = 8;

    private final FileSystem fileSystem;

    NameRequests(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    void lookup(Request request, Reply reply) throws FsException {
        byte[] name = request.nameAt(0);
        if (name.length > FileSystem.NAME_MAX) {
            throw new FsException(Reason.NAME_TOO_LONG, "a name has at most 255 bytes");
        }
        Attributes found = fileSystem.lookup(request.inode(), name);
        if (found == null) {
            reply.noEntry();
        } else {
            reply.entry(found);
        }
    }

    void mkdir(Request request, Reply reply) throws FsException {
        reply.entry(
                fileSystem.mkdir(
                        request.inode(),
                        request.nameAt(MKDIR_NAME),
                        request.intAt(0) & PERMISSION_BITS,
                        request.caller(request.intAt(MKDIR_UMASK))));
    }

    void mknod(Request request, Reply reply) throws FsException {
        reply.entry(
                fileSystem.mknod(
                        request.inode(),
                        request.nameAt(MKNOD_NAME),
                        request.intAt(0),
                        request.intAt(MKNOD_RDEV),
                        request.caller(request.intAt(MKNOD_UMASK))));
    }

    void symlink(Request request, Reply reply) throws FsException {
        byte[] name = request.nameAt(0);
        byte[] target = request.nameAt(request.endOfName(0) + 1);
        reply.entry(fileSystem.symlink(request.inode(), name, target, request.caller(0)));
    }

    void link(Request request, Reply reply) throws FsException {
        reply.entry(
                fileSystem.link(request.inodeAt(0), request.inode(), request.nameAt(LINK_NAME)));
    }

    void unlink(Request request) throws FsException {
        fileSystem.unlink(request.inode(), request.nameAt(0));
    }

    void rmdir(Request request) throws FsException {
        fileSystem.rmdir(request.inode(), request.nameAt(0));
    }

    void rename(Request request) throws FsException {
        rename(request, RENAME_NAMES, RenameMode.REPLACE);
    }

    void rename2(Request request) throws FsException {
        int flags = request.intAt(RENAME2_FLAGS);
        RenameMode mode =
                switch (flags) {
                    case 0 -> RenameMode.REPLACE;
                    case RENAME_NOREPLACE -> RenameMode.NOREPLACE;
                    case RENAME_EXCHANGE -> RenameMode.EXCHANGE;
                    default ->
                            throw new FsException(
                                    Reason.INVALID, "rename flags 0x" + Integer.toHexString(flags));
                };
        rename(request, RENAME2_NAMES, mode);
    }

    private void rename(Request request, int names, RenameMode mode) throws FsException {
        byte[] from = request.nameAt(names);
        byte[] to = request.nameAt(request.endOfName(names) + 1);
        fileSystem.rename(request.inode(), from, request.inodeAt(0), to, mode);
    }

    void readlink(Request request, Reply reply) throws FsException {
        reply.bytes(fileSystem.readlink(request.inode()));
    }
}
