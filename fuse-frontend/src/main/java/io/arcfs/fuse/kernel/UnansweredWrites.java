package io.arcfs.fuse.kernel;

import io.arcfs.overlay.Attributes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * Sizes that the kernel must not hear of yet: those of files that are being written while some of
 * their pages may be cached.
 *
 * <p>A page that was cached before a write has zeros behind the old end. It is invalidated before
 * the write is answered; but if a stat brought the new size first, a reader would take those zeros
 * for the file's bytes. So until then the file shows the size it had: the write is not answered,
 * and nobody can tell.
 *
 * <p>Thread-safe; costs one read of a field while there is no such file.
 */
final class UnansweredWrites {
    private final Map<Long, Long> sizes = new ConcurrentHashMap<>();

    /** The file is about to be written; the kernel writes it once at a time. */
    void begin(long inode, long sizeBytes) {
        sizes.put(inode, sizeBytes);
    }

    /**
     * A reader came while the file was being written, and none had been there when that began.
     *
     * @param isBeingWritten asked when nothing can come between its answer and the entry
     */
    void beginLate(long inode, long sizeBytes, BooleanSupplier isBeingWritten) {
        sizes.compute(
                inode,
                (_, held) -> {
                    if (held != null) {
                        return held;
                    }
                    return isBeingWritten.getAsBoolean() ? sizeBytes : null;
                });
    }

    /** Its cached pages are invalidated, and it does not count as being written any more. */
    void end(long inode) {
        sizes.remove(inode);
    }

    /** What to say of its size. */
    long sizeOf(Attributes attributes) {
        if (sizes.isEmpty()) {
            return attributes.size();
        }
        Long before = sizes.get(attributes.inode());
        return before == null ? attributes.size() : before;
    }
}
