package io.arcfs.fuse.kernel;

import io.arcfs.fuse.kernel.FileHandle.IoMode;
import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.OpenFile;
import io.arcfs.posix.Errno;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
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
    /** The opens of one kernel inode. Changed under its lock in the map. */
    static final class InodeOpens {
        private final long nodeId;
        private int handles;

        /** Handles that the kernel was given the backing file for. */
        private int passthrough;

        private int backingId;
        private @Nullable BackingFile backing;

        /** Handles that fill the page cache; read by writers. */
        private volatile int cached;

        InodeOpens(long nodeId) {
            this.nodeId = nodeId;
        }

        long nodeId() {
            return nodeId;
        }

        /** Such handles there ever were. */
        private volatile int cachedEver;

        /** The value of {@link #cachedEver} whose pages no write has to think of any more. */
        private volatile int cachedForgotten;

        /**
         * Whether a handle may have filled the page cache since the last {@link #forgot}: also one
         * that came and went while a write was under way, for its pages stay.
         */
        boolean mayBeCached() {
            return cached > 0 || cachedEver != cachedForgotten;
        }

        int cachedEver() {
            return cachedEver;
        }

        /** Writes under way; a file is not opened for its cache meanwhile. */
        private final AtomicInteger writing = new AtomicInteger();

        void beginWriting() {
            writing.incrementAndGet();
        }

        void endWriting() {
            writing.decrementAndGet();
        }

        /**
         * The pages that a write made stale are forgotten. Writes of one inode follow each other.
         *
         * @param ever {@link #cachedEver} before they were
         */
        void forgot(int ever) {
            cachedForgotten = ever;
        }

        /** What the kernel knows the backing file by; for handles that were given it. */
        int backingId() {
            return backingId;
        }
    }

    private final Map<Long, InodeOpens> inodes = new ConcurrentHashMap<>();
    private final Passthrough passthrough;
    private final NodeIds nodeIds;

    OpenModes(Passthrough passthrough, NodeIds nodeIds) {
        this.passthrough = passthrough;
        this.nodeIds = nodeIds;
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
        inodes.compute(
                nodeId,
                (_, known) -> {
                    if (known != null && known.backing != null && openMode.read()) {
                        return known;
                    }
                    InodeOpens opens = known == null ? new InodeOpens(nodeId) : known;
                    boolean backed = opens.backing != null;
                    if (backed) {
                        opens.passthrough++;
                    }
                    opens.handles++;
                    IoMode mode = backed ? IoMode.DIRECT_BACKED : IoMode.DIRECT;
                    taken[0] = new WritePlace(openMode, mode, opens);
                    return opens;
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
    FileHandle openedForReading(long nodeId, OpenFile file) {
        FileHandle[] made = new FileHandle[1];
        inodes.compute(
                nodeId,
                (_, known) -> {
                    InodeOpens opens = known == null ? new InodeOpens(nodeId) : known;
                    IoMode mode = readMode(opens, file);
                    opens.handles++;
                    made[0] = new FileHandle(file, OpenMode.READ, mode, opens);
                    return opens;
                });
        return made[0];
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the map's lock of this inode
    private IoMode readMode(InodeOpens opens, OpenFile file) {
        if (opens.passthrough == 0 && opens.cached == 0) {
            offerBacking(opens, file);
        }
        if (opens.backing != null) {
            opens.passthrough++;
            return IoMode.PASSTHROUGH;
        }
        if (nodeIds.isAliased(file.inode())) {
            return IoMode.DIRECT; // nobody would tell this cache of what comes through the other
        }
        opens.cachedEver++;
        opens.cached++;
        if (opens.writing.get() > 0) {
            // Counted first, looked after: a write that did not see this handle is seen here.
            opens.cached--;
            return IoMode.DIRECT;
        }
        return IoMode.CACHED;
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
        InodeOpens opens =
                inodes.compute(
                        nodeId,
                        (_, known) ->
                                restored(
                                        known == null ? new InodeOpens(nodeId) : known,
                                        file,
                                        mode,
                                        backingId));
        return new FileHandle(file, openMode, mode, opens);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the map's lock of this inode
    private InodeOpens restored(InodeOpens opens, OpenFile file, IoMode mode, int backingId) {
        opens.handles++;
        switch (mode) {
            case CACHED -> {
                opens.cachedEver++;
                opens.cached++;
            }
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
        inodes.compute(
                nodeId,
                (_, known) -> {
                    if (known == null) {
                        return null;
                    }
                    givenUp[0] = withoutOne(known, mode);
                    return known.handles == 0 ? null : known;
                });
        GivenUp last = givenUp[0];
        if (last != null) {
            passthrough.unregister(last.backingId());
            last.backing().release();
        }
    }

    /** A backing file whose last handle went. */
    private record GivenUp(int backingId, BackingFile backing) {}

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the map's lock of this inode
    private static @Nullable GivenUp withoutOne(InodeOpens opens, IoMode mode) {
        opens.handles--;
        switch (mode) {
            case CACHED -> opens.cached--;
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
