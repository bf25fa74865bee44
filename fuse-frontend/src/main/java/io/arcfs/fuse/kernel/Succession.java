package io.arcfs.fuse.kernel;

import io.arcfs.fuse.kernel.MountStateCodec.KnownInode;
import io.arcfs.fuse.kernel.MountStateCodec.MountState;
import io.arcfs.fuse.kernel.MountStateCodec.OpenDirectoryState;
import io.arcfs.fuse.kernel.MountStateCodec.OpenFileState;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenFile;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the kernel's handles and inodes from one server to the next.
 *
 * <p>What has a name goes on as if nothing had happened. A file or directory without a name cannot
 * be found again: its handle answers EBADF, its inode ESTALE. Confined to a thread, while nobody
 * reads requests.
 */
final class Succession {
    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);

    private final Session session;
    private final FileSystem fileSystem;

    Succession(Session session) {
        this.session = session;
        this.fileSystem = session.fileSystem;
    }

    MountState state(Negotiation agreed) {
        List<KnownInode> inodes = new ArrayList<>();
        fileSystem.references((inode, parent, name, references) ->
                inodes.add(new KnownInode(inode, parent, name, references)));
        List<OpenFileState> files = new ArrayList<>();
        session.files.forEach((number, handle) -> files.add(stateOf(number, handle)));
        List<OpenDirectoryState> directories = new ArrayList<>();
        session.directories.forEach((number, directory) ->
                directories.add(new OpenDirectoryState(number, directory.inode())));
        return new MountState(agreed, session.nodeIds.epochs(), inodes, files, directories);
    }

    private static OpenFileState stateOf(long number, FileHandle handle) {
        return new OpenFileState(
                number,
                handle.opens().nodeId(),
                handle.mode().read(),
                handle.mode().write(),
                handle.ioMode(),
                handle.opens().backingId());
    }

    void restore(MountState state) {
        session.nodeIds.restore(state.epochs());
        int lost = 0;
        for (KnownInode inode : state.inodes()) {
            lost += adopt(inode) ? 0 : 1;
        }
        for (OpenFileState file : state.files()) {
            lost += reopen(file) ? 0 : 1;
        }
        for (OpenDirectoryState directory : state.directories()) {
            lost += reopen(directory) ? 0 : 1;
        }
        LOG.info(
                "mount taken over inodes={} files={} directories={} withoutName={}",
                state.inodes().size(),
                state.files().size(),
                state.directories().size(),
                lost);
    }

    private boolean adopt(KnownInode known) {
        try {
            return fileSystem.adopt(
                    known.inode(), known.parent(), known.name(), known.references());
        } catch (FsException e) {
            LOG.warn("inode not taken over inode={} reason={}", known.inode(), e.getMessage());
            return false;
        }
    }

    private boolean reopen(OpenFileState state) {
        try {
            var mode = new OpenMode(state.read(), state.write(), false);
            OpenFile file = fileSystem.open(NodeIds.inodeOf(state.nodeId()), mode);
            FileHandle handle =
                    session.openModes.restore(
                            state.nodeId(), file, mode, state.ioMode(), state.backingId());
            session.files.restore(state.handle(), handle);
            return true;
        } catch (FsException e) {
            LOG.warn("file not taken over node={} reason={}", state.nodeId(), e.getMessage());
            return false;
        }
    }

    private boolean reopen(OpenDirectoryState state) {
        try {
            session.directories.restore(state.handle(), fileSystem.openDirectory(state.inode()));
            return true;
        } catch (FsException e) {
            LOG.warn("directory not taken over inode={} reason={}", state.inode(), e.getMessage());
            return false;
        }
    }
}
