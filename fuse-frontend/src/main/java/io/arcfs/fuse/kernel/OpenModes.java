package io.arcfs.fuse.kernel;

import io.arcfs.device.WaitPoint;
import io.arcfs.fuse.kernel.FileHandle.IoMode;
import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.OpenFile;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How each open inode is read: the kernel refuses an inode that is open through its page cache and
 * by passthrough at once, and takes one backing file per inode. So the first reader decides for all
 * until the last one has gone. Writers use direct I/O, which goes with either, but must be given the
 * backing file while the kernel reads it.
 *
 * <p>Thread-safe: changes of one inode follow each other.
 */
final class OpenModes {
    /** The opens of one inode. Changed under its lock in the map. */
    static final class InodeOpens {
        private int handles;

        /** Handles that the kernel was given the backing file for. */
        private int passthrough;

        private int backingId;
        private @Nullable BackingFile backing;

        /** Handles that fill the page cache; read by writers. */
        private volatile int cached;

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

    /** What a release takes that is under way, with much to spare. */
    private static final Duration RELEASE_PATIENCE = Duration.ofMillis(500);

    private final Map<Long, InodeOpens> inodes = new ConcurrentHashMap<>();
    private final Object goneLock = new Object();

    /** Backing files that were given up so far. Guarded by goneLock. */
    private long gone;

    private final Passthrough passthrough;

    OpenModes(Passthrough passthrough) {
        this.passthrough = passthrough;
    }

    /**
     * Takes a place for a handle that writes, before the file is opened; to be given to {@link
     * #openedForWriting} or {@link #withdraw}.
     *
     * @param reads whether the handle may read, too. While the kernel reads a backing file, it would
     *     let such a handle map that very file writable, past every rule of ours
     * @return null if the handle cannot be had now
     */
    @Nullable WritePlace placeForWriting(long inode, boolean reads) {
        WritePlace[] taken = new WritePlace[1];
        inodes.compute(
                inode,
                (_, known) -> {
                    if (known != null && known.backing != null && reads) {
                        return known;
                    }
                    InodeOpens opens = known == null ? new InodeOpens() : known;
                    boolean backed = opens.backing != null;
                    if (backed) {
                        opens.passthrough++;
                    }
                    opens.handles++;
                    IoMode mode = backed ? IoMode.DIRECT_BACKED : IoMode.DIRECT;
                    taken[0] = new WritePlace(inode, mode, opens);
                    return opens;
                });
        return taken[0];
    }

    /**
     * As {@link #placeForWriting}, but patient with readers that are about to go: a program that
     * closes a file and opens it again must not meet its own handle, whose release the kernel sends
     * without waiting for us.
     */
    @Nullable WritePlace awaitPlaceForWriting(long inode, boolean reads) throws FsException {
        long seen = backingsGone();
        WritePlace place = placeForWriting(inode, reads);
        if (place != null) {
            return place;
        }
        WaitPoint.enter();
        long deadline = System.nanoTime() + RELEASE_PATIENCE.toNanos();
        try {
            while (place == null && awaitBackingGone(seen, deadline)) {
                seen = backingsGone();
                place = placeForWriting(inode, reads);
            }
        } catch (InterruptedException e) {
            throw new FsException(Reason.INTERRUPTED, "interrupted while waiting for readers");
        }
        return place;
    }

    private long backingsGone() {
        synchronized (goneLock) {
            return gone;
        }
    }

    /** Waits until another backing file was given up; false if none was in time. */
    private boolean awaitBackingGone(long seen, long deadline) throws InterruptedException {
        synchronized (goneLock) {
            while (gone == seen) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                goneLock.wait(left);
            }
            return true;
        }
    }

    private void backingGone() {
        synchronized (goneLock) {
            gone++;
            goneLock.notifyAll();
        }
    }

    /** A place among the handles of an inode. */
    record WritePlace(long inode, IoMode mode, InodeOpens opens) {}

    FileHandle openedForWriting(OpenFile file, WritePlace place) {
        return new FileHandle(file, place.mode(), place.opens());
    }

    void withdraw(WritePlace place) {
        released(place.inode(), place.mode());
    }

    /** A handle that only reads. */
    FileHandle openedForReading(OpenFile file) {
        FileHandle[] made = new FileHandle[1];
        inodes.compute(
                file.inode(),
                (_, known) -> {
                    InodeOpens opens = known == null ? new InodeOpens() : known;
                    IoMode mode = readMode(opens, file);
                    opens.handles++;
                    made[0] = new FileHandle(file, mode, opens);
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
        opens.cachedEver++;
        opens.cached++;
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

    /** The kernel has closed a handle; its file is still open. */
    void released(FileHandle handle) {
        released(handle.file().inode(), handle.ioMode());
    }

    private void released(long inode, IoMode mode) {
        @Nullable GivenUp[] givenUp = new GivenUp[1];
        inodes.compute(
                inode,
                (_, known) -> {
                    if (known == null) {
                        return null;
                    }
                    givenUp[0] = withoutOne(known, mode);
                    return known.handles == 0 ? null : known;
                });
        GivenUp last = givenUp[0];
        if (last != null) {
            backingGone();
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
