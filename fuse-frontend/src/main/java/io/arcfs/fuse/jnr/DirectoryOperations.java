package io.arcfs.fuse.jnr;

import io.arcfs.fuse.HandleTable;
import io.arcfs.fuse.abi.NativeBuffers;
import io.arcfs.fuse.jnr.Callbacks.FillDir;
import io.arcfs.fuse.jnr.PathResolver.Node;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.OpenDirectory;
import java.lang.foreign.Arena;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.provider.jffi.ClosureHelper;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * The operations on open directories. Entries are handed over with the offset behind each, so a
 * listing of any length is passed in pieces and libfuse keeps none of it. Thread-safe.
 */
final class DirectoryOperations {
    private final FileSystem fileSystem;
    private final PathResolver paths;
    private final HandleTable<OpenDirectory> directories;
    private volatile @Nullable Filler filler;

    /** libfuse's one function that takes an entry, callable from Java. */
    private record Filler(long address, FillDir function) {}

    DirectoryOperations(
            FileSystem fileSystem, PathResolver paths, HandleTable<OpenDirectory> directories) {
        this.fileSystem = fileSystem;
        this.paths = paths;
        this.directories = directories;
    }

    void bindTo(OperationTable table) {
        FuseOperations slots = table.slots();
        table.bind(
                "opendir", slots.opendir.offset(), 2, (path, info, _, _, _) -> opendir(path, info));
        table.bind(
                "readdir",
                slots.readdir.offset(),
                5,
                (_, buffer, fill, offset, info) -> readdir(buffer, fill, offset, info));
        table.bind(
                "releasedir", slots.releasedir.offset(), 2, (_, info, _, _, _) -> releasedir(info));
        table.bind("fsyncdir", slots.fsyncdir.offset(), 3, (_, _, info, _, _) -> fsyncdir(info));
    }

    private int opendir(long path, long info) throws FsException {
        try (Node node = paths.node(path)) {
            NativeStructs.putHandle(info, directories.add(fileSystem.openDirectory(node.inode())));
        }
        return 0;
    }

    private int readdir(long buffer, long fill, long cookie, long info) throws FsException {
        FillDir function = filler(fill);
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocate(FileSystem.NAME_MAX + 1L).address();
            long stat = arena.allocate(NativeStructs.STAT_BYTES, Long.BYTES).address();
            directory(info)
                    .read(
                            cookie,
                            (entryName, inode, type, nextCookie) -> {
                                NativeBuffers.putBytes(name, entryName, entryName.length);
                                NativeBuffers.putByte(name + entryName.length, (byte) 0);
                                NativeStructs.putEntryStat(stat, inode, type);
                                return function.fill(buffer, name, stat, nextCookie) == 0;
                            });
        }
        return 0;
    }

    private int releasedir(long info) {
        OpenDirectory directory = directories.remove(NativeStructs.handle(info));
        if (directory != null) {
            directory.release();
        }
        return 0;
    }

    private int fsyncdir(long info) throws FsException {
        directory(info).fsync();
        return 0;
    }

    private OpenDirectory directory(long info) throws FsException {
        OpenDirectory directory = directories.get(NativeStructs.handle(info));
        if (directory == null) {
            throw new FsException(Reason.BAD_HANDLE, "no such open directory");
        }
        return directory;
    }

    private FillDir filler(long address) {
        Filler known = filler;
        if (known == null || known.address != address) {
            ClosureHelper helper = ClosureHelper.getInstance();
            Pointer pointer = Pointer.wrap(Runtime.getSystemRuntime(), address);
            FillDir function =
                    helper.getNativeConveter(FillDir.class)
                            .fromNative(pointer, helper.getFromNativeContext());
            known = new Filler(address, function);
            filler = known;
        }
        return known.function;
    }
}
