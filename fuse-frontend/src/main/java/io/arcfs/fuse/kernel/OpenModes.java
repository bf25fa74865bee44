package io.arcfs.fuse.kernel;

import io.arcfs.fuse.kernel.FileHandle.IoMode;
import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.OpenFile;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

        /** Whether pages of the file may be in the kernel's page cache through an open handle. */
        boolean isCached() {
            return cached > 0;
        }

        /** What the kernel knows the backing file by; for handles that were given it. */
        int backingId() {
            return backingId;
        }
    }

    private final Map<Long, InodeOpens> inodes = new ConcurrentHashMap<>();
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
        inodes.compute(inode, (_, known) -> known == null ? null : withoutOne(known, mode));
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the map's lock of this inode
    private @Nullable InodeOpens withoutOne(InodeOpens opens, IoMode mode) {
        switch (mode) {
            case CACHED -> opens.cached--;
            case DIRECT -> {}
            case DIRECT_BACKED, PASSTHROUGH -> {
                BackingFile backing = opens.backing;
                if (--opens.passthrough == 0 && backing != null) {
                    passthrough.unregister(opens.backingId);
                    backing.release();
                    opens.backing = null;
                    opens.backingId = 0;
                }
            }
        }
        return --opens.handles == 0 ? null : opens;
    }
}
