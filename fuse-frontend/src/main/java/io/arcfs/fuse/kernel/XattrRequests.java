package io.arcfs.fuse.kernel;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.XattrMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.posix.Errno;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** The requests on extended attributes; ACLs are attributes, too. Thread-safe. */
final class XattrRequests {
    // struct fuse_setxattr_in and fuse_getxattr_in
    private static final int SET_FLAGS = 4;
    private static final int SET_EXTRA_FLAGS = 8;
    private static final int SET_NAME_SHORT = 8;
    private static final int SET_NAME_EXTENDED = 16;
    private static final int GET_NAME = 8;

    private static final int XATTR_CREATE = 1;
    private static final int XATTR_REPLACE = 2;
    private static final int ACL_KILL_SGID = 1;

    private final Session session;
    private final FileSystem fileSystem;

    /** FUSE_SETXATTR_EXT was agreed on. */
    private final boolean extended;

    XattrRequests(Session session, boolean extended) {
        this.session = session;
        this.fileSystem = session.fileSystem;
        this.extended = extended;
    }

    void set(Request request) throws FsException {
        int nameAt = extended ? SET_NAME_EXTENDED : SET_NAME_SHORT;
        byte[] name = request.nameAt(nameAt);
        byte[] value = request.bytesAt(request.endOfName(nameAt) + 1, request.intAt(0));
        XattrMode mode =
                switch (request.intAt(SET_FLAGS)) {
                    case 0 -> XattrMode.SET;
                    case XATTR_CREATE -> XattrMode.CREATE;
                    case XATTR_REPLACE -> XattrMode.REPLACE;
                    default -> throw new FsException(Reason.INVALID, "setxattr flags");
                };
        fileSystem.setxattr(request.inode(), name, value, mode);
        session.privileges.xattrSet(name);
        if (extended && (request.intAt(SET_EXTRA_FLAGS) & ACL_KILL_SGID) != 0) {
            session.privileges.takeSetGroup(request.inode());
        }
    }

    void get(Request request, Reply reply) throws FsException {
        byte[] value = fileSystem.getxattr(request.inode(), request.nameAt(GET_NAME));
        if (value == null) {
            reply.error(Errno.ENODATA.code());
        } else {
            sized(request.intAt(0), value, reply);
        }
    }

    void list(Request request, Reply reply) throws FsException {
        sized(request.intAt(0), joined(fileSystem.listxattr(request.inode())), reply);
    }

    /** With a size of 0 the caller asks for the length. */
    private static void sized(int sizeBytes, byte[] value, Reply reply) {
        if (sizeBytes == 0) {
            reply.xattrSize(value.length);
        } else if (value.length > sizeBytes) {
            reply.error(Errno.ERANGE.code());
        } else {
            reply.bytes(value);
        }
    }

    private static byte[] joined(List<byte[]> names) {
        var list = new ByteArrayOutputStream();
        for (byte[] name : names) {
            list.writeBytes(name);
            list.write(0);
        }
        return list.toByteArray();
    }

    void remove(Request request) throws FsException {
        fileSystem.removexattr(request.inode(), request.nameAt(0));
    }
}
