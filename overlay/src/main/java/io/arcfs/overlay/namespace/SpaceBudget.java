package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FileSystemSpace;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.posix.FileSystemStatus;
import io.arcfs.posix.Posix;
import io.arcfs.tier.Tier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Admits appends while the SSD has room for them twice (upper and staging) beside a reserve for
 * deletes, metadata, seal, build and merge, and while free containers can take them.
 *
 * <p>The SSD is asked again after every {@link #RECHECK_BYTES} of appends, so that an append costs
 * an addition. Thread-safe.
 */
public final class SpaceBudget {
    private static final long RECHECK_BYTES = 16L << 20;
    private static final long METADATA_RESERVE_BYTES = 256L << 20;

    /** On a small SSD the reserve is this share of it at most. */
    private static final int LARGEST_SHARE = 8;

    private final Path volume;
    private final Tier tier;
    private final long limitBytes;
    private final LongSupplier unbuiltBytes;
    private final LongSupplier largestImageBytes;
    private final AtomicLong admittedUntilRecheck = new AtomicLong();

    /**
     * @param limitBytes how much of the SSD the volume may use, 0 for all of it
     * @param unbuiltBytes bytes in uppers that no container holds yet
     */
    public SpaceBudget(
            Path volume,
            Tier tier,
            long limitBytes,
            LongSupplier unbuiltBytes,
            LongSupplier largestImageBytes) {
        this.volume = volume;
        this.tier = tier;
        this.limitBytes = limitBytes;
        this.unbuiltBytes = unbuiltBytes;
        this.largestImageBytes = largestImageBytes;
    }

    /** Lets an append go ahead, or says that there is no space. */
    void admit(long lengthBytes, Reclaim reclaim) throws IOException {
        if (admittedUntilRecheck.addAndGet(-lengthBytes) >= 0) {
            return;
        }
        long room = writableBytes();
        if (room < lengthBytes) {
            reclaim.reclaim();
            tier.control().evictAll();
            room = writableBytes();
        }
        if (room < lengthBytes) {
            throw new FsException(
                    Reason.NO_SPACE,
                    "the SSD has room for " + Math.max(0, room) + " more bytes beside the reserve");
        }
        // Half of what is left at the most: other writers and the tier use the SSD, too.
        admittedUntilRecheck.set(Math.min(RECHECK_BYTES, (room - lengthBytes) / 2));
    }

    /** Frees what can be freed before an append is refused. */
    @FunctionalInterface
    interface Reclaim {
        void reclaim() throws IOException;
    }

    /** Bytes that can be appended now. */
    private long writableBytes() throws IOException {
        FileSystemStatus ssd = Posix.statfs(volume);
        long available = ssd.availableBytes();
        if (limitBytes > 0) {
            available = Math.min(available, limitBytes - (ssd.totalBytes() - ssd.freeBytes()));
        }
        // What is appended is needed again in staging: half of the rest.
        long twice = (available - unbuiltBytes.getAsLong() - reserveBytes(ssd)) / 2;
        return Math.min(twice, freeContainerBytes() - unbuiltBytes.getAsLong());
    }

    private long reserveBytes(FileSystemStatus ssd) {
        long wanted =
                tier.geometry().containerBytes()
                        + 2 * largestImageBytes.getAsLong()
                        + METADATA_RESERVE_BYTES;
        return Math.min(wanted, ssd.totalBytes() / LARGEST_SHARE);
    }

    private long freeContainerBytes() {
        int used = tier.control().containers().size();
        return (long) (tier.geometry().containers() - used) * tier.geometry().dataBytes();
    }

    FileSystemSpace space(long files, long freeFiles) throws IOException {
        FileSystemStatus ssd = Posix.statfs(volume);
        long free = Math.max(0, writableBytes());
        long used = ssd.totalBytes() - ssd.freeBytes();
        return new FileSystemSpace(used + free, free, files, freeFiles);
    }
}
