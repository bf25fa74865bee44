package io.arcfs.fuse.jnr;

import io.arcfs.overlay.Attributes;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Files whose bytes are the same as when they were last opened for reading, so that the kernel may
 * keep what it has cached of them.
 *
 * <ul>
 *   <li>A file is noted when it is opened with an emptied cache, and struck off by every change.
 *   <li>A file with several names is never noted: libfuse gives each name a cache of its own, and a
 *       change through one does not reach the others.
 *   <li>Notes are lost when two files meet in one place; that costs a re-read and nothing else.
 * </ul>
 *
 * Thread-safe, without locks or allocation.
 */
final class UnchangedFiles {
    /** A power of two; 128 KiB in all. */
    private static final int PLACES = 1 << 14;

    private static final int NONE = 0;

    private final AtomicLongArray places = new AtomicLongArray(PLACES);

    /** How a file is to be opened for reading; notes it. */
    FileCaching opened(Attributes attributes) {
        long inode = attributes.inode();
        if (attributes.nlink() > 1) {
            changed(inode);
            return FileCaching.FRESH;
        }
        return places.getAndSet(placeOf(inode), inode) == inode
                ? FileCaching.KEPT
                : FileCaching.FRESH;
    }

    /** Strikes a file off; to be called when its change is done. */
    void changed(long inode) {
        int place = placeOf(inode);
        if (places.get(place) == inode) {
            places.compareAndSet(place, inode, NONE);
        }
    }

    /** Numbers are given in sequence, so neighbours get places side by side. */
    private static int placeOf(long inode) {
        return (int) inode & (PLACES - 1);
    }
}
