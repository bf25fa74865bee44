package io.arcfs.fuse.kernel;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.XattrMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.posix.Errno;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/** The requests on extended attributes; ACLs are attributes, too. Thread-safe. */
final class XattrRequests {
    // struct fuse_setxattr_in and fuse_getxattr_in
    private static final int SET_FLAGS = 4;
    private static final int SET_EXTRA_FLAGS = 8;
    private static final int SET_NAME_SHORT = 8;
    private static final int SET_NAME_EXTENDED = 16;
    private static final int GET_NAME = 8;

    private static final byte[] ACL_PREFIX = "system.posix_acl_".getBytes(US_ASCII);
    private static final byte[] SELINUX = "security.selinux".getBytes(US_ASCII);

    private static final int XATTR_CREATE = 1;
    private static final int XATTR_REPLACE = 2;
    private static final int ACL_KILL_SGID = 1;

    private final Session session;
    private final FileSystem fileSystem;

    /** FUSE_SETXATTR_EXT was agreed on. */
    private final boolean extended;

    /** FUSE_POSIX_ACL was agreed on: the kernel enforces ACLs. */
    private final boolean acl;

    XattrRequests(Session session, Negotiation agreed) {
        this.session = session;
        this.fileSystem = session.fileSystem;
        this.extended = agreed.has(InitFlag.SETXATTR_EXT);
        this.acl = agreed.has(InitFlag.POSIX_ACL);
    }

    void set(Request request) throws FsException {
        int nameAt = extended ? SET_NAME_EXTENDED : SET_NAME_SHORT;
        byte[] name = request.nameAt(nameAt);
        byte[] value = request.bytesAt(request.endOfName(nameAt) + 1, request.intAt(0));
        requireEnforced(name);
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
        byte[] name = request.nameAt(GET_NAME);
        requireEnforced(name);
        byte[] value = fileSystem.getxattr(request.inode(), name);
        if (value == null) {
            // ls asks every file for a label until it hears that there are none here.
            boolean label = Arrays.equals(name, SELINUX);
            reply.error((label ? Errno.EOPNOTSUPP : Errno.ENODATA).code());
        } else {
            sized(request.intAt(0), value, reply);
        }
    }

    void list(Request request, Reply reply) throws FsException {
        List<byte[]> names = fileSystem.listxattr(request.inode());
        if (!acl) {
            names = names.stream().filter(name -> !isAcl(name)).toList();
        }
        sized(request.intAt(0), joined(names), reply);
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
        byte[] name = request.nameAt(0);
        requireEnforced(name);
        fileSystem.removexattr(request.inode(), name);
    }

    /** An ACL that the kernel does not enforce would give rights away. */
    private void requireEnforced(byte[] name) throws FsException {
        if (!acl && isAcl(name)) {
            throw new FsException(Reason.NOT_SUPPORTED, "mounted with noacl");
        }
    }

    private static boolean isAcl(byte[] name) {
        return name.length > ACL_PREFIX.length
                && Arrays.equals(name, 0, ACL_PREFIX.length, ACL_PREFIX, 0, ACL_PREFIX.length);
    }
}
