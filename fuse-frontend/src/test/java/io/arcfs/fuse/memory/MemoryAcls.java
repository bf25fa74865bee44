package io.arcfs.fuse.memory;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.PosixAcl;
import io.arcfs.posix.FileStatus;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What ACLs and permission bits of {@link MemoryFileSystem}'s inodes do to each other. */
final class MemoryAcls {
    private static final Name ACCESS = new Name(PosixAcl.accessName());
    private static final Name DEFAULT = new Name(PosixAcl.defaultName());
    private static final int PERMISSIONS = 0777;

    private MemoryAcls() {}

    private static @Nullable PosixAcl acl(MemoryInode node, Name name) throws FsException {
        byte[] value = node.xattrs.get(name);
        return value == null ? null : PosixAcl.of(value);
    }

    static void permit(MemoryInode node, int permissions) throws FsException {
        node.permissions = permissions;
        PosixAcl acl = acl(node, ACCESS);
        if (acl != null) {
            node.xattrs.put(ACCESS, acl.withPermissions(permissions).toBytes());
        }
    }

    /** Sets an ACL; false if the attribute is none. */
    static boolean set(MemoryInode node, byte[] name, byte[] value) throws FsException {
        boolean access = Arrays.equals(name, ACCESS.bytes());
        if (!access && !Arrays.equals(name, DEFAULT.bytes())) {
            return false;
        }
        if (node.type == FileStatus.S_IFLNK || (!access && !node.isDirectory())) {
            throw new FsException(Reason.NOT_SUPPORTED, "no such ACL on an inode of this type");
        }
        PosixAcl acl = PosixAcl.of(value);
        Name attribute = access ? ACCESS : DEFAULT;
        node.xattrs.remove(attribute);
        if (acl != null && access) {
            node.permissions = (node.permissions & ~PERMISSIONS) | acl.permissions();
        }
        if (acl != null && !(access && acl.isMode())) {
            node.xattrs.put(attribute, acl.toBytes());
        }
        return true;
    }

    /** Applies the directory's default ACL to a new inode, or else the umask. */
    static void inherit(MemoryInode directory, MemoryInode made, int umask) throws FsException {
        PosixAcl handedDown = acl(directory, DEFAULT);
        if (made.type == FileStatus.S_IFLNK) {
            return;
        }
        if (handedDown == null) {
            made.permissions &= ~(umask & PERMISSIONS);
            return;
        }
        PosixAcl access = handedDown.inheritedBy(made.permissions);
        if (!access.isMode()) {
            made.xattrs.put(ACCESS, access.toBytes());
        }
        if (made.isDirectory()) {
            made.xattrs.put(DEFAULT, handedDown.toBytes());
        }
        made.permissions = access.maskedMode(made.permissions);
    }
}
