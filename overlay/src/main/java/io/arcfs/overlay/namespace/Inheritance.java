package io.arcfs.overlay.namespace;

import io.arcfs.erofs.Xattr;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.PosixAcl;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecordBuilder;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.catalog.Origin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a new inode gets from the directory it is made in: its group under set-gid, and the
 * directory's default ACL in place of the caller's umask, as the kernel's posix_acl_create does.
 */
final class Inheritance {
    private Inheritance() {}

    /**
     * @param mode type and permission bits as asked for
     */
    static InodeRecordBuilder of(InodeRecord parent, int mode, Caller caller) throws IOException {
        boolean inherits = (parent.mode() & Mode.SET_GID) != 0;
        int full = inherits && Mode.isDirectory(mode) ? mode | Mode.SET_GID : mode;
        int gid = inherits ? parent.gid() : caller.gid();
        byte[] handedDown = value(parent, PosixAcl.defaultName());
        PosixAcl acl = handedDown == null ? null : PosixAcl.of(handedDown);
        if (Mode.isSymlink(mode)) {
            return record(full, caller, gid);
        }
        if (acl == null || handedDown == null) {
            return record(full & ~(caller.umask() & 0777), caller, gid);
        }
        PosixAcl access = acl.inheritedBy(full);
        List<Xattr> xattrs = new ArrayList<>();
        if (!access.isMode()) {
            xattrs.add(new Xattr(PosixAcl.accessName(), access.toBytes()));
        }
        if (Mode.isDirectory(mode)) {
            xattrs.add(new Xattr(PosixAcl.defaultName(), handedDown));
        }
        return record(access.maskedMode(full), caller, gid).xattrs(xattrs);
    }

    private static InodeRecordBuilder record(int mode, Caller caller, int gid) {
        return new InodeRecordBuilder(mode, caller.uid(), gid).origin(Origin.NONE);
    }

    private static byte @org.jspecify.annotations.Nullable [] value(
            InodeRecord record, byte[] name) {
        for (Xattr xattr : record.xattrs()) {
            if (java.util.Arrays.equals(xattr.name(), name)) {
                return xattr.value();
            }
        }
        return null;
    }
}
