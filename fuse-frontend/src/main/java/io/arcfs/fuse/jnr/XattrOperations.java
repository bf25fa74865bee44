package io.arcfs.fuse.jnr;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.arcfs.fuse.abi.NativeBuffers;
import io.arcfs.fuse.jnr.PathResolver.Node;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.XattrMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.posix.Errno;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * The operations on extended attributes. Thread-safe.
 *
 * <p>POSIX ACLs are not supported and said to be so: libfuse 2 cannot tell the kernel to enforce
 * them, and a stored ACL that nobody enforces would give rights away (its mask stands in the mode's
 * group bits). cp then falls back to chmod, which it otherwise leaves out.
 */
final class XattrOperations {
    private static final int XATTR_CREATE = 1;
    private static final int XATTR_REPLACE = 2;
    private static final byte[] ACL_PREFIX = "system.posix_acl_".getBytes(UTF_8);

    private final FileSystem fileSystem;
    private final PathResolver paths;

    XattrOperations(FileSystem fileSystem, PathResolver paths) {
        this.fileSystem = fileSystem;
        this.paths = paths;
    }

    void bindTo(OperationTable table) {
        FuseOperations slots = table.slots();
        table.bind(
                "setxattr",
                slots.setxattr.offset(),
                5,
                (path, name, value, size, flags) -> setxattr(path, name, value, size, (int) flags));
        table.bind(
                "getxattr",
                slots.getxattr.offset(),
                4,
                (path, name, buffer, size, _) -> getxattr(path, name, buffer, size));
        table.bind(
                "listxattr",
                slots.listxattr.offset(),
                3,
                (path, buffer, size, _, _) -> listxattr(path, buffer, size));
        table.bind(
                "removexattr",
                slots.removexattr.offset(),
                2,
                (path, name, _, _, _) -> removexattr(path, name));
    }

    private int setxattr(long path, long name, long value, long sizeBytes, int flags)
            throws FsException {
        XattrMode mode =
                switch (flags) {
                    case 0 -> XattrMode.SET;
                    case XATTR_CREATE -> XattrMode.CREATE;
                    case XATTR_REPLACE -> XattrMode.REPLACE;
                    default -> throw new FsException(Reason.INVALID, "setxattr flags " + flags);
                };
        try (Node node = paths.node(path)) {
            fileSystem.setxattr(
                    node.inode(),
                    attribute(name),
                    NativeBuffers.getBytes(value, (int) sizeBytes),
                    mode);
        }
        return 0;
    }

    private int getxattr(long path, long name, long buffer, long sizeBytes) throws FsException {
        try (Node node = paths.node(path)) {
            byte[] value = fileSystem.getxattr(node.inode(), attribute(name));
            if (value == null) {
                throw new FsException(Reason.NO_ATTRIBUTE, "no such attribute");
            }
            if (sizeBytes == 0) {
                return value.length;
            }
            if (value.length > sizeBytes) {
                return -Errno.ERANGE.code();
            }
            NativeBuffers.putBytes(buffer, value, value.length);
            return value.length;
        }
    }

    /** Names one behind the other, each with its NUL. */
    private int listxattr(long path, long buffer, long sizeBytes) throws FsException {
        try (Node node = paths.node(path)) {
            List<byte[]> names = new ArrayList<>(fileSystem.listxattr(node.inode()));
            names.removeIf(XattrOperations::isAcl);
            int needed = 0;
            for (byte[] name : names) {
                needed += name.length + 1;
            }
            if (sizeBytes == 0) {
                return needed;
            }
            if (needed > sizeBytes) {
                return -Errno.ERANGE.code();
            }
            long end = buffer;
            for (byte[] name : names) {
                NativeBuffers.putBytes(end, name, name.length);
                NativeBuffers.putByte(end + name.length, (byte) 0);
                end += name.length + 1;
            }
            return needed;
        }
    }

    private int removexattr(long path, long name) throws FsException {
        try (Node node = paths.node(path)) {
            fileSystem.removexattr(node.inode(), attribute(name));
        }
        return 0;
    }

    private static byte[] attribute(long name) throws FsException {
        byte[] bytes = NativeBuffers.getCString(name);
        if (isAcl(bytes)) {
            throw new FsException(Reason.NOT_SUPPORTED, "no POSIX ACLs through this transport");
        }
        return bytes;
    }

    private static boolean isAcl(byte[] name) {
        return name.length >= ACL_PREFIX.length
                && Arrays.equals(name, 0, ACL_PREFIX.length, ACL_PREFIX, 0, ACL_PREFIX.length);
    }
}
