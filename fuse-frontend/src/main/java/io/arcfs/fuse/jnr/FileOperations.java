package io.arcfs.fuse.jnr;

import io.arcfs.fuse.HandleTable;
import io.arcfs.fuse.abi.NativeBuffers;
import io.arcfs.fuse.abi.OpenBits;
import io.arcfs.fuse.jnr.PathResolver.Node;
import io.arcfs.fuse.jnr.PathResolver.Place;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.Created;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.OpenFile;
import java.util.function.LongSupplier;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * The operations on open regular files. Reading and writing work in libfuse's buffer and make no
 * copy. Thread-safe.
 */
final class FileOperations {
    private static final int PERMISSION_BITS = 07777;
    private static final int FALLOC_KEEP_SIZE = 1;

    private final FileSystem fileSystem;
    private final PathResolver paths;
    private final HandleTable<FileHandle> files;
    private final PrivilegeBits privileges;
    private final UnchangedFiles unchanged;
    private final LongSupplier context;

    FileOperations(
            FileSystem fileSystem,
            PathResolver paths,
            HandleTable<FileHandle> files,
            PrivilegeBits privileges,
            UnchangedFiles unchanged,
            LongSupplier context) {
        this.fileSystem = fileSystem;
        this.paths = paths;
        this.files = files;
        this.privileges = privileges;
        this.unchanged = unchanged;
        this.context = context;
    }

    void bindTo(OperationTable table) {
        FuseOperations slots = table.slots();
        table.bind("open", slots.open.offset(), 2, (path, info, _, _, _) -> open(path, info));
        table.bind(
                "create",
                slots.create.offset(),
                3,
                (path, mode, info, _, _) -> create(path, (int) mode, info));
        table.bind(
                "read",
                slots.read.offset(),
                5,
                (_, buffer, size, offset, info) -> read(buffer, size, offset, info));
        table.bind(
                "write",
                slots.write.offset(),
                5,
                (_, buffer, size, offset, info) -> write(buffer, size, offset, info));
        table.bind("flush", slots.flush.offset(), 2, (_, info, _, _, _) -> flush(info));
        table.bind("release", slots.release.offset(), 2, (_, info, _, _, _) -> release(info));
        table.bind("fsync", slots.fsync.offset(), 3, (_, _, info, _, _) -> fsync(info));
        table.bind(
                "ftruncate",
                slots.ftruncate.offset(),
                3,
                (_, size, info, _, _) -> ftruncate(size, info));
        table.bind(
                "fgetattr",
                slots.fgetattr.offset(),
                3,
                (_, stat, info, _, _) -> fgetattr(stat, info));
        table.bind(
                "fallocate",
                slots.fallocate.offset(),
                5,
                (_, mode, offset, length, info) -> fallocate((int) mode, offset, length, info));
    }

    private int open(long path, long info) throws FsException {
        int flags = NativeStructs.openFlags(info);
        OpenMode openMode = OpenBits.modeOf(flags);
        try (Node node = paths.node(path)) {
            OpenFile file = fileSystem.open(node.inode(), openMode);
            opened(file, openMode, node.attributes(), info);
            if (openMode.truncate()) {
                unchanged.changed(node.inode());
                privileges.takeFrom(node.attributes(), caller().uid());
            }
        }
        return 0;
    }

    private int create(long path, int mode, long info) throws FsException {
        int flags = NativeStructs.openFlags(info);
        OpenMode openMode = OpenBits.modeOf(flags);
        try (Place place = paths.place(path)) {
            Created created =
                    fileSystem.create(
                            place.directory(),
                            place.name(),
                            mode & PERMISSION_BITS,
                            openMode,
                            caller());
            opened(created.file(), openMode, created.attributes(), info);
            fileSystem.forget(created.attributes().inode(), 1);
        }
        return 0;
    }

    private void opened(OpenFile file, OpenMode openMode, Attributes attributes, long info) {
        NativeStructs.putHandle(info, files.add(new FileHandle(file)));
        NativeStructs.putCaching(
                info, openMode.write() ? FileCaching.DIRECT : unchanged.opened(attributes));
    }

    private int read(long buffer, long sizeBytes, long offsetBytes, long info) throws FsException {
        return file(info).read(offsetBytes, NativeBuffers.at(buffer, sizeBytes));
    }

    private int write(long buffer, long sizeBytes, long offsetBytes, long info) throws FsException {
        FileHandle handle = handle(info);
        if (handle.cleanVersion() != privileges.version()) {
            privileges.beforeWrite(handle, caller().uid());
        }
        // the flags of this very write: fcntl may have changed O_APPEND since the open
        if (OpenBits.appends(NativeStructs.openFlags(info))) {
            handle.file().append(NativeBuffers.at(buffer, sizeBytes));
        } else {
            handle.file().write(offsetBytes, NativeBuffers.at(buffer, sizeBytes));
        }
        return (int) sizeBytes;
    }

    private int flush(long info) throws FsException {
        file(info).flush();
        return 0;
    }

    private int release(long info) {
        FileHandle handle = files.remove(NativeStructs.handle(info));
        if (handle != null) {
            handle.release();
        }
        return 0;
    }

    private int fsync(long info) throws FsException {
        file(info).fsync();
        return 0;
    }

    private int ftruncate(long sizeBytes, long info) throws FsException {
        OpenFile file = file(info);
        file.truncate(sizeBytes);
        unchanged.changed(file.inode());
        return 0;
    }

    private int fgetattr(long stat, long info) throws FsException {
        NativeStructs.putStat(stat, file(info).attributes());
        return 0;
    }

    private int fallocate(int mode, long offsetBytes, long lengthBytes, long info)
            throws FsException {
        if ((mode & ~FALLOC_KEEP_SIZE) != 0) {
            throw new FsException(
                    Reason.NOT_SUPPORTED,
                    "fallocate mode 0x" + Integer.toHexString(mode) + " would change stored bytes");
        }
        OpenFile file = file(info);
        file.allocate(offsetBytes, lengthBytes, (mode & FALLOC_KEEP_SIZE) != 0);
        unchanged.changed(file.inode());
        return 0;
    }

    private OpenFile file(long info) throws FsException {
        return handle(info).file();
    }

    private FileHandle handle(long info) throws FsException {
        FileHandle handle = files.get(NativeStructs.handle(info));
        if (handle == null) {
            throw new FsException(Reason.BAD_HANDLE, "no such open file");
        }
        return handle;
    }

    private Caller caller() {
        return NativeStructs.caller(context.getAsLong());
    }
}
