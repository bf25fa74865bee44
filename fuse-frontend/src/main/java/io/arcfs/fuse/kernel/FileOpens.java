package io.arcfs.fuse.kernel;

import io.arcfs.overlay.BackingFile;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The opens of one file: nearly always of one kernel inode, of several while the kernel knows the
 * file by more than one node id. What a write must know of cached pages is kept for all of them
 * together, since it makes the pages of each stale.
 *
 * <p>Changed under the lock that {@link OpenModes} has for the file; what writers read is volatile.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // changed under that lock only
final class FileOpens {
    private static final InodeOpens[] NONE = {};

    /** The opens of one kernel inode. */
    static final class InodeOpens {
        private final FileOpens file;
        private final long nodeId;
        int handles;

        /** Handles that the kernel was given the backing file for. */
        int passthrough;

        /** Handles that fill the page cache: passthrough cannot begin beside them. */
        int cached;

        int backingId;
        @Nullable BackingFile backing;

        private InodeOpens(FileOpens file, long nodeId) {
            this.file = file;
            this.nodeId = nodeId;
        }

        FileOpens file() {
            return file;
        }

        long nodeId() {
            return nodeId;
        }

        /** What the kernel knows the backing file by; for handles that were given it. */
        int backingId() {
            return backingId;
        }

        void cachedOpened() {
            file.cachedEver++;
            file.cached++;
            cached++;
        }

        void cachedReleased() {
            cached--;
            file.cached--;
        }
    }

    /** Replaced as a whole: writers go through it without a lock. */
    private volatile InodeOpens[] inodes = NONE;

    /** Handles that fill a page cache. */
    private volatile int cached;

    /** Such handles there ever were. */
    private volatile int cachedEver;

    /** The value of {@link #cachedEver} whose pages no write has to think of any more. */
    private volatile int cachedForgotten;

    /** Writes under way. */
    private final AtomicInteger writing = new AtomicInteger();

    @Nullable InodeOpens find(long nodeId) {
        for (InodeOpens opens : inodes) {
            if (opens.nodeId == nodeId) {
                return opens;
            }
        }
        return null;
    }

    InodeOpens of(long nodeId) {
        InodeOpens known = find(nodeId);
        if (known != null) {
            return known;
        }
        InodeOpens[] more = Arrays.copyOf(inodes, inodes.length + 1);
        InodeOpens added = new InodeOpens(this, nodeId);
        more[more.length - 1] = added;
        inodes = more;
        return added;
    }

    void remove(InodeOpens gone) {
        inodes = Arrays.stream(inodes).filter(opens -> opens != gone).toArray(InodeOpens[]::new);
    }

    boolean isEmpty() {
        return inodes.length == 0;
    }

    /** The kernel inodes that are open; not to be changed. */
    InodeOpens[] inodes() {
        return inodes;
    }

    /**
     * Whether a handle may have filled a page cache since the last {@link #forgot}: also one that
     * came and went while a write was under way, for its pages stay.
     */
    boolean mayBeCached() {
        return cached > 0 || cachedEver != cachedForgotten;
    }

    int cachedEver() {
        return cachedEver;
    }

    /**
     * The pages that a write made stale are forgotten.
     *
     * @param ever {@link #cachedEver} before they were
     */
    void forgot(int ever) {
        cachedForgotten = ever;
    }

    void beginWriting() {
        writing.incrementAndGet();
    }

    void endWriting() {
        writing.decrementAndGet();
    }

    boolean isBeingWritten() {
        return writing.get() > 0;
    }
}
