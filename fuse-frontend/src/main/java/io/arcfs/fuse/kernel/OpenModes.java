package io.arcfs.fuse.kernel;

import io.arcfs.fuse.kernel.FileHandle.IoMode;
import io.arcfs.fuse.kernel.FileOpens.InodeOpens;
import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenFile;
import io.arcfs.posix.Errno;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How each open inode is read: the kernel refuses an inode that is open through its page cache and
 * by passthrough at once, and takes one backing file per inode. So the first reader decides for all
 * until the last one has gone. Writers use direct I/O, which goes with either, but must be given
 * the backing file while the kernel reads it.
 *
 * <p>Thread-safe: changes of one inode follow each other.
 */
final class OpenModes {
    private static final InodeOpens[] NONE = {};

    /** By inode number. */
    private final Map<Long, FileOpens> files = new ConcurrentHashMap<>();

    private final Passthrough passthrough;
    private final UnansweredWrites unanswered;

    OpenModes(Passthrough passthrough, UnansweredWrites unanswered) {
        this.passthrough = passthrough;
        this.unanswered = unanswered;
    }

    /**
     * Takes a place for a handle that writes, before the file is opened; to be given to {@link
     * #openedForWriting} or {@link #withdraw}.
     *
     * @param openMode while the kernel reads a backing file, it would let a handle that reads and
     *     writes map that very file writable, past every rule of ours
     * @return null if the handle cannot be had on this kernel inode
     */
    @Nullable WritePlace placeForWriting(long nodeId, OpenMode openMode) {
        WritePlace[] taken = new WritePlace[1];
        files.compute(
                NodeIds.inodeOf(nodeId),
                (_, known) -> {
                    FileOpens file = known == null ? new FileOpens() : known;
                    InodeOpens before = file.find(nodeId);
                    if (before != null && before.backing != null && openMode.read()) {
                        return file;
                    }
                    InodeOpens opens = file.of(nodeId);
                    boolean backed = opens.backing != null;
                    if (backed) {
                        opens.passthrough++;
                    }
                    opens.handles++;
                    IoMode mode = backed ? IoMode.DIRECT_BACKED : IoMode.DIRECT;
                    taken[0] = new WritePlace(openMode, mode, opens);
                    return file;
                });
        return taken[0];
    }

    /** A place among the handles of an inode. */
    record WritePlace(OpenMode openMode, IoMode mode, InodeOpens opens) {}

    FileHandle openedForWriting(OpenFile file, WritePlace place) {
        return new FileHandle(file, place.openMode(), place.mode(), place.opens());
    }

    void withdraw(WritePlace place) {
        released(place.opens().nodeId(), place.mode());
    }

    /** A handle that only reads. */
    FileHandle openedForReading(long nodeId, OpenFile file) throws FsException {
        FileHandle[] made = new FileHandle[1];
        files.compute(
                NodeIds.inodeOf(nodeId),
                (_, known) -> {
                    FileOpens all = known == null ? new FileOpens() : known;
                    InodeOpens opens = all.of(nodeId);
                    IoMode mode = readMode(opens, file);
                    opens.handles++;
                    made[0] = new FileHandle(file, OpenMode.READ, mode, opens);
                    return all;
                });
        holdSize(made[0]);
        return made[0];
    }

    private IoMode readMode(InodeOpens opens, OpenFile file) {
        if (opens.passthrough == 0 && opens.cached == 0) {
            offerBacking(opens, file);
        }
        if (opens.backing != null) {
            opens.passthrough++;
            return IoMode.PASSTHROUGH;
        }
        opens.cachedOpened();
        return IoMode.CACHED;
    }

    /**
     * A write that is under way may not have seen this reader: then it did not hold the size, and
     * the reader must not hear of the new one before the pages that it fills now are dropped. The
     * handle was counted before this looks, so the write sees it at its end at the latest.
     */
    private void holdSize(FileHandle handle) throws FsException {
        FileOpens file = handle.opens().file();
        if (handle.ioMode() != IoMode.CACHED || !file.isBeingWritten()) {
            return;
        }
        try {
            long size = handle.file().attributes().size();
            unanswered.beginLate(handle.file().inode(), size, file::isBeingWritten);
        } catch (FsException e) {
            released(handle);
            throw e;
        }
    }

    /**
     * The other kernel inodes that a file is open by: the kernel knows nothing of what comes
     * through this one when it reads those. Nearly always none.
     */
    InodeOpens[] othersOf(long nodeId) {
        FileOpens file = files.get(NodeIds.inodeOf(nodeId));
        if (file == null) {
            return NONE;
        }
        InodeOpens[] all = file.inodes();
        if (all.length == 1 && all[0].nodeId() == nodeId) {
            return NONE;
        }
        return Arrays.stream(all)
                .filter(opens -> opens.nodeId() != nodeId)
                .toArray(InodeOpens[]::new);
    }

    private void offerBacking(InodeOpens opens, OpenFile file) {
        BackingFile backing = passthrough.backingOf(file);
        if (backing == null) {
            return;
        }
        int id = passthrough.register(backing);
        if (id > 0) {
            opens.backing = backing;
            opens.backingId = id;
        } else {
            backing.release();
        }
    }

    /** A handle as it was under another server of the same mount. */
    FileHandle restore(long nodeId, OpenFile file, OpenMode openMode, IoMode mode, int backingId) {
        InodeOpens[] restored = new InodeOpens[1];
        files.compute(
                NodeIds.inodeOf(nodeId),
                (_, known) -> {
                    FileOpens all = known == null ? new FileOpens() : known;
                    restored[0] = restored(all.of(nodeId), file, mode, backingId);
                    return all;
                });
        return new FileHandle(file, openMode, mode, restored[0]);
    }

    private InodeOpens restored(InodeOpens opens, OpenFile file, IoMode mode, int backingId) {
        opens.handles++;
        switch (mode) {
            case CACHED -> opens.cachedOpened();
            case DIRECT -> {}
            case DIRECT_BACKED, PASSTHROUGH -> {
                opens.passthrough++;
                opens.backingId = backingId;
                if (opens.backing == null) {
                    BackingFile pinned = passthrough.backingOf(file);
                    opens.backing = pinned == null ? UNPINNED : pinned;
                }
            }
        }
        return opens;
    }

    /**
     * The kernel has it open, but its bytes were archived before the server changed: what is
     * appended now goes elsewhere, and the old handles do not see it.
     */
    private static final BackingFile UNPINNED =
            new BackingFile() {
                @Override
                public int withDescriptor(IntUnaryOperator use) {
                    return -Errno.EBADF.code();
                }

                @Override
                public void release() {
                    // nothing was pinned
                }
            };

    /** The kernel has closed a handle; its file is still open. */
    void released(FileHandle handle) {
        released(handle.opens().nodeId(), handle.ioMode());
    }

    private void released(long nodeId, IoMode mode) {
        @Nullable GivenUp[] givenUp = new GivenUp[1];
        files.computeIfPresent(
                NodeIds.inodeOf(nodeId),
                (_, file) -> {
                    InodeOpens opens = file.find(nodeId);
                    if (opens != null) {
                        givenUp[0] = withoutOne(opens, mode);
                        if (opens.handles == 0) {
                            file.remove(opens);
                        }
                    }
                    return file.isEmpty() ? null : file;
                });
        GivenUp last = givenUp[0];
        if (last != null) {
            passthrough.unregister(last.backingId());
            last.backing().release();
        }
    }

    /** A backing file whose last handle went. */
    private record GivenUp(int backingId, BackingFile backing) {}

    private static @Nullable GivenUp withoutOne(InodeOpens opens, IoMode mode) {
        opens.handles--;
        switch (mode) {
            case CACHED -> opens.cachedReleased();
            case DIRECT -> {}
            case DIRECT_BACKED, PASSTHROUGH -> {
                BackingFile backing = opens.backing;
                if (--opens.passthrough == 0 && backing != null) {
                    var givenUp = new GivenUp(opens.backingId, backing);
                    opens.backing = null;
                    opens.backingId = 0;
                    return givenUp;
                }
            }
        }
        return null;
    }
}
