package io.arcfs.overlay.namespace;

import io.arcfs.erofs.Xattr;
import io.arcfs.overlay.AttributeChange;
import io.arcfs.overlay.AttributeChange.Time;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem.XattrMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.PosixAcl;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecordBuilder;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.stack.Marks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes attributes and xattrs: never data. Its methods want {@code namespaceLock} for writing.
 */
final class AttributeOperations {
    private static final int XATTR_NAME_MAX = 255;
    private static final int XATTR_VALUE_MAX = 65_535;

    /** What one EROFS inode can hold of xattrs, headers included. */
    private static final int XATTR_TOTAL_MAX = 200_000;

    private static final List<String> NAMESPACES =
            List.of(
                    "user.",
                    "trusted.",
                    "security.",
                    "system.posix_acl_access",
                    "system.posix_acl_default");

    private final Namespace namespace;

    AttributeOperations(Namespace namespace) {
        this.namespace = namespace;
    }

    /** Everything but the size. */
    void change(Node node, AttributeChange wanted) throws IOException {
        Instant now = namespace.clock().instant();
        try (Change change = new Change(namespace)) {
            change.copyUp(node);
            InodeRecordBuilder record = change.record(node).change().ctime(now);
            if (wanted.permissions() != null) {
                permit(record, node.record(), wanted.permissions());
            }
            if (wanted.uid() != null) {
                record.uid(wanted.uid());
            }
            if (wanted.gid() != null) {
                record.gid(wanted.gid());
            }
            Time atime = wanted.atime();
            Time mtime = wanted.mtime();
            if (atime != null) {
                Time at = at(atime, now);
                record.atime(at.seconds(), at.nanos());
            } else if (mtime != null) {
                // Until now it may have read as the mtime that goes.
                Attributes before = node.attributes();
                record.atime(before.atimeSeconds(), before.atimeNanos());
            }
            if (mtime != null) {
                Time at = at(mtime, now);
                record.mtime(at.seconds(), at.nanos());
            }
            change.put(node, record.build());
            change.commit();
        }
    }

    private static Time at(Time wanted, Instant now) {
        return wanted.equals(Time.NOW) ? new Time(now.getEpochSecond(), now.getNano()) : wanted;
    }

    /** chmod: an access ACL follows. */
    private static void permit(InodeRecordBuilder changed, InodeRecord before, int permissions)
            throws IOException {
        changed.permissions(permissions);
        byte[] name = PosixAcl.accessName();
        List<Xattr> xattrs = new ArrayList<>();
        for (Xattr xattr : before.xattrs()) {
            PosixAcl acl = Arrays.equals(xattr.name(), name) ? PosixAcl.of(xattr.value()) : null;
            xattrs.add(
                    acl == null
                            ? xattr
                            : new Xattr(name, acl.withPermissions(permissions).toBytes()));
        }
        changed.xattrs(xattrs);
    }

    static byte @Nullable [] get(Node node, byte[] name) {
        if (Marks.isReserved(name)) {
            return null;
        }
        for (Xattr xattr : node.record().xattrs()) {
            if (Arrays.equals(xattr.name(), name)) {
                return xattr.value();
            }
        }
        return null;
    }

    static List<byte[]> list(Node node) {
        return node.record().xattrs().stream().map(Xattr::name).toList();
    }

    void set(Node node, byte[] name, byte[] value, XattrMode mode) throws IOException {
        checkName(name);
        if (value.length > XATTR_VALUE_MAX) {
            throw new FsException(Reason.ARGUMENT_TOO_BIG, "an xattr has at most 65535 bytes");
        }
        boolean known = get(node, name) != null;
        if (mode == XattrMode.CREATE && known) {
            throw Failures.exists();
        }
        if (mode == XattrMode.REPLACE && !known) {
            throw new FsException(Reason.NO_ATTRIBUTE, "no such xattr");
        }
        List<Xattr> rest = without(node, name);
        if (Arrays.equals(name, PosixAcl.accessName())
                || Arrays.equals(name, PosixAcl.defaultName())) {
            setAcl(node, rest, name, value);
            return;
        }
        rest.add(new Xattr(name, value));
        int total = rest.stream().mapToInt(x -> x.name().length + x.value().length + 8).sum();
        if (total > XATTR_TOTAL_MAX) {
            throw new FsException(
                    Reason.NO_SPACE, "the xattrs of one file take at most 200000 bytes");
        }
        replace(node, rest, node.record().mode());
    }

    private void setAcl(Node node, List<Xattr> rest, byte[] name, byte[] value) throws IOException {
        boolean access = Arrays.equals(name, PosixAcl.accessName());
        if (Mode.isSymlink(node.type()) || (!access && !node.isDirectory())) {
            throw new FsException(Reason.NOT_SUPPORTED, "no such ACL on an inode of this type");
        }
        PosixAcl acl = PosixAcl.of(value);
        int mode = node.record().mode();
        if (acl != null && access) {
            mode = (mode & ~0777) | acl.permissions();
        }
        if (acl != null && !(access && acl.isMode())) {
            rest.add(new Xattr(name, acl.toBytes()));
        }
        replace(node, rest, mode);
    }

    void remove(Node node, byte[] name) throws IOException {
        checkName(name);
        if (get(node, name) == null) {
            throw new FsException(Reason.NO_ATTRIBUTE, "no such xattr");
        }
        replace(node, without(node, name), node.record().mode());
    }

    private void replace(Node node, List<Xattr> xattrs, int mode) throws IOException {
        try (Change change = new Change(namespace)) {
            change.copyUp(node);
            change.put(
                    node,
                    change.record(node)
                            .change()
                            .xattrs(xattrs)
                            .permissions(mode)
                            .ctime(namespace.clock().instant())
                            .build());
            change.commit();
        }
    }

    private static List<Xattr> without(Node node, byte[] name) {
        List<Xattr> rest = new ArrayList<>(node.record().xattrs());
        rest.removeIf(x -> Arrays.equals(x.name(), name));
        return rest;
    }

    private static void checkName(byte[] name) throws FsException {
        if (StateXattrs.isOurs(name)) {
            throw Failures.notPermitted("user.arc.* is made by arcfs and cannot be set");
        }
        if (Marks.isReserved(name)) {
            throw Failures.notPermitted(
                    "trusted.overlay.* and trusted.arcfs.* are marks of the layers");
        }
        if (name.length > XATTR_NAME_MAX) {
            throw new FsException(Reason.INVALID, "an xattr's name has at most 255 bytes");
        }
        String text = new String(name, StandardCharsets.ISO_8859_1);
        if (NAMESPACES.stream().noneMatch(text::startsWith)) {
            throw new FsException(
                    Reason.NOT_SUPPORTED, "xattrs outside user, trusted, security and ACLs");
        }
    }
}
