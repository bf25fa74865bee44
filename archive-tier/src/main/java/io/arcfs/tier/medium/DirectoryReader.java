package io.arcfs.tier.medium;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads one file of a {@link DirectoryMedium} through one descriptor, so that the kernel sees that
 * it is read in order and reads ahead, more each time. What was read leaves the page cache: the SSD
 * tier keeps it. Not thread-safe.
 */
final class DirectoryReader implements Medium.PlaceReader {
    /** Large pages are dropped only as a whole: a step is many of them, and begins at one. */
    private static final long DROP_BYTES = 8 << 20;

    private static final long LARGE_PAGE_BYTES = 2 << 20;

    private final Path path;
    private final AtomicInteger changes;
    private PosixFile file;
    private int seenChanges;
    private long cachedFrom;
    private long end;

    /**
     * @param changes counts the files that were replaced or removed: then the name may stand for
     *     another file
     */
    DirectoryReader(Path path, AtomicInteger changes) throws IOException {
        this.path = path;
        this.changes = changes;
        this.seenChanges = changes.get();
        this.file = PosixFile.open(path, OpenFlag.READ);
    }

    @Override
    public void read(long offsetInContainer, MemorySegment target) throws IOException {
        int now = changes.get();
        if (now != seenChanges) {
            close();
            file = PosixFile.open(path, OpenFlag.READ);
            seenChanges = now;
        }
        int got = file.read(offsetInContainer, target);
        if (got < target.byteSize()) {
            throw new IOException(file + ": ends at byte " + (offsetInContainer + got));
        }
        if (offsetInContainer != end) {
            dropAll(); // what was read ahead is not wanted
            cachedFrom = offsetInContainer;
        }
        end = offsetInContainer + got;
        if (end - cachedFrom >= DROP_BYTES) {
            file.dropCache(cachedFrom, end - cachedFrom);
            cachedFrom = end / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES;
        }
    }

    private void dropAll() throws IOException {
        file.dropCache(cachedFrom, 0); // to the end of the file
    }

    @Override
    public void close() throws IOException {
        try (PosixFile closing = file) {
            if (end > 0) {
                closing.dropCache(cachedFrom, 0);
            }
        }
        end = 0;
        cachedFrom = 0;
    }
}
