package io.arcfs.fuse.jnr;

import io.arcfs.fuse.abi.NativeBuffers;
import io.arcfs.fuse.jnr.PathResolver.Node;
import io.arcfs.fuse.jnr.PathResolver.Place;
import io.arcfs.overlay.AttributeChange;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.FsException;
import java.util.function.LongSupplier;
import ru.serce.jnrfuse.struct.FuseOperations;

/** The operations on names and attributes. Thread-safe. */
final class NamespaceOperations {
    private static final int PERMISSION_BITS = 07777;

    private final FileSystem fileSystem;
    private final PathResolver paths;
    private final PrivilegeBits privileges;
    private final UnchangedFiles unchanged;
    private final LongSupplier context;

    /**
     * @param context address of the calling thread's {@code struct fuse_context}
     */
    NamespaceOperations(
            FileSystem fileSystem,
            PathResolver paths,
            PrivilegeBits privileges,
            UnchangedFiles unchanged,
            LongSupplier context) {
        this.fileSystem = fileSystem;
        this.paths = paths;
        this.privileges = privileges;
        this.unchanged = unchanged;
        this.context = context;
    }

    void bindTo(OperationTable table) {
        FuseOperations slots = table.slots();
        table.bind(
                "getattr", slots.getattr.offset(), 2, (path, stat, _, _, _) -> getattr(path, stat));
        table.bind(
                "readlink",
                slots.readlink.offset(),
                3,
                (path, buffer, size, _, _) -> readlink(path, buffer, size));
        table.bind(
                "mknod",
                slots.mknod.offset(),
                3,
                (path, mode, rdev, _, _) -> mknod(path, (int) mode, (int) rdev));
        table.bind(
                "mkdir", slots.mkdir.offset(), 2, (path, mode, _, _, _) -> mkdir(path, (int) mode));
        table.bind("unlink", slots.unlink.offset(), 1, (path, _, _, _, _) -> unlink(path));
        table.bind("rmdir", slots.rmdir.offset(), 1, (path, _, _, _, _) -> rmdir(path));
        table.bind(
                "symlink",
                slots.symlink.offset(),
                2,
                (target, path, _, _, _) -> symlink(target, path));
        table.bind("rename", slots.rename.offset(), 2, (from, to, _, _, _) -> rename(from, to));
        table.bind(
                "link", slots.link.offset(), 2, (existing, path, _, _, _) -> link(existing, path));
        table.bind(
                "chmod", slots.chmod.offset(), 2, (path, mode, _, _, _) -> chmod(path, (int) mode));
        table.bind(
                "chown",
                slots.chown.offset(),
                3,
                (path, uid, gid, _, _) -> chown(path, (int) uid, (int) gid));
        table.bind(
                "truncate",
                slots.truncate.offset(),
                2,
                (path, size, _, _, _) -> truncate(path, size));
        table.bind(
                "utimens",
                slots.utimens.offset(),
                2,
                (path, times, _, _, _) -> utimens(path, times));
        table.bind("statfs", slots.statfs.offset(), 2, (_, statvfs, _, _, _) -> statfs(statvfs));
    }

    private int getattr(long path, long stat) throws FsException {
        try (Node node = paths.node(path)) {
            NativeStructs.putStat(stat, node.attributes());
        }
        return 0;
    }

    private int readlink(long path, long buffer, long sizeBytes) throws FsException {
        try (Node node = paths.node(path)) {
            byte[] target = fileSystem.readlink(node.inode());
            int length = (int) Math.min(target.length, sizeBytes - 1);
            NativeBuffers.putBytes(buffer, target, length);
            NativeBuffers.putByte(buffer + length, (byte) 0);
        }
        return 0;
    }

    private int mknod(long path, int mode, int rdev) throws FsException {
        try (Place place = paths.place(path)) {
            return made(fileSystem.mknod(place.directory(), place.name(), mode, rdev, caller()));
        }
    }

    private int mkdir(long path, int mode) throws FsException {
        try (Place place = paths.place(path)) {
            int permissions = mode & PERMISSION_BITS;
            return made(fileSystem.mkdir(place.directory(), place.name(), permissions, caller()));
        }
    }

    private int symlink(long target, long path) throws FsException {
        try (Place place = paths.place(path)) {
            byte[] bytes = NativeBuffers.getCString(target);
            return made(fileSystem.symlink(place.directory(), place.name(), bytes, caller()));
        }
    }

    private int link(long existing, long path) throws FsException {
        try (Node node = paths.node(existing);
                Place place = paths.place(path)) {
            return made(fileSystem.link(node.inode(), place.directory(), place.name()));
        }
    }

    private int unlink(long path) throws FsException {
        try (Place place = paths.place(path)) {
            fileSystem.unlink(place.directory(), place.name());
        }
        return 0;
    }

    private int rmdir(long path) throws FsException {
        try (Place place = paths.place(path)) {
            try {
                fileSystem.rmdir(place.directory(), place.name());
            } finally {
                paths.dropped(place);
            }
        }
        return 0;
    }

    private int rename(long from, long to) throws FsException {
        try (Place source = paths.place(from);
                Place target = paths.place(to)) {
            try {
                fileSystem.rename(
                        source.directory(),
                        source.name(),
                        target.directory(),
                        target.name(),
                        RenameMode.REPLACE);
            } finally {
                paths.dropped(source);
                paths.dropped(target);
            }
        }
        return 0;
    }

    private int chmod(long path, int mode) throws FsException {
        change(path, AttributeChange.ofPermissions(mode & PERMISSION_BITS));
        privileges.given(mode);
        return 0;
    }

    /** -1 leaves an owner as it is. */
    private int chown(long path, int uid, int gid) throws FsException {
        return change(
                path, AttributeChange.ofOwner(uid == -1 ? null : uid, gid == -1 ? null : gid));
    }

    private int truncate(long path, long sizeBytes) throws FsException {
        try (Node node = paths.node(path)) {
            fileSystem.setattr(node.inode(), AttributeChange.ofSize(sizeBytes));
            unchanged.changed(node.inode());
        }
        return 0;
    }

    private int utimens(long path, long times) throws FsException {
        return change(
                path,
                AttributeChange.ofTimes(NativeStructs.atime(times), NativeStructs.mtime(times)));
    }

    private int change(long path, AttributeChange change) throws FsException {
        try (Node node = paths.node(path)) {
            fileSystem.setattr(node.inode(), change);
        }
        return 0;
    }

    private int statfs(long statvfs) throws FsException {
        NativeStructs.putSpace(statvfs, fileSystem.space(), FileSystem.NAME_MAX);
        return 0;
    }

    /** libfuse looks a new name up itself: the reference that making it took is not needed. */
    private int made(Attributes attributes) {
        fileSystem.forget(attributes.inode(), 1);
        return 0;
    }

    private Caller caller() {
        return NativeStructs.caller(context.getAsLong());
    }
}
