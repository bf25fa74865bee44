package io.arcfs.overlay.namespace;

import io.arcfs.device.WaitPoint;
import io.arcfs.overlay.FileSystemSpace;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.posix.FileSystemStatus;
import io.arcfs.posix.Posix;
import io.arcfs.tier.Tier;
import io.arcfs.tier.TierSpace;
import io.arcfs.tier.TierStatus;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Admits appends while the SSD has room for them twice (upper and staging) beside a reserve for
 * deletes, metadata, seal, build and merge, and while free containers can take them.
 *
 * <pre>
 * used by the volume + unbuilt + reserve &lt;= limit        unbuilt: needed once more, in staging
 * reserve = one container + twice the largest image + 256 MiB
 * </pre>
 *
 * Over it, appends wait while a medium takes bytes. The SSD is asked again after every {@link
 * #RECHECK_BYTES} of appends, so that an append costs an addition.
 *
 * <p>In the same way append files are made while the SSD has inodes for them beside a reserve; over
 * it, they wait for a round, which gives back those of a whole layer. Thread-safe.
 */
public final class SpaceBudget {
    private static final long RECHECK_BYTES = 16L << 20;
    private static final long METADATA_RESERVE_BYTES = 256L << 20;
    private static final long LOOK_AGAIN_MILLIS = 50;

    /**
     * Inodes of the SSD for catalogs, images, containers and append files that are carried over.
     */
    private static final long INODE_RESERVE = 256;

    private static final long RECHECK_FILES = 1024;

    /** On a small SSD the reserve is this share of it at most. */
    private static final int LARGEST_SHARE = 8;

    private final Path volume;
    private final Tier tier;
    private final long limitBytes;
    private final Duration fullTimeout;
    private final Usage usage;
    private final AtomicLong admittedUntilRecheck = new AtomicLong();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong filesUntilRecheck = new AtomicLong();
    private final AtomicInteger waitingForFiles = new AtomicInteger();

    /** What the budget asks the namespace. */
    public interface Usage {
        /** Bytes in uppers that no container holds yet. */
        long unbuiltBytes();

        long largestImageBytes();

        long imageBytes();

        /** Frees what can be freed at once. */
        void reclaim() throws IOException;
    }

    /**
     * @param limitBytes how much of the SSD the volume may use, 0 for all of it
     * @param fullTimeout how long an append waits without seeing progress
     */
    public SpaceBudget(Path volume, Tier tier, long limitBytes, Duration fullTimeout, Usage usage) {
        this.volume = volume;
        this.tier = tier;
        this.limitBytes = limitBytes;
        this.fullTimeout = fullTimeout;
        this.usage = usage;
    }

    /**
     * Lets an append go ahead, waits until it may, or says that there is no space.
     *
     * @throws InterruptedIOException if the waiting thread is interrupted
     */
    void admit(long lengthBytes) throws IOException {
        if (admittedUntilRecheck.addAndGet(-lengthBytes) >= 0 || admitted(lengthBytes)) {
            return;
        }
        usage.reclaim();
        tier.control().evictAll();
        if (!admitted(lengthBytes)) {
            Help evicting = () -> tier.control().evictAll();
            if (!await(waiting, () -> admitted(lengthBytes), evicting)) {
                throw full();
            }
        }
    }

    /**
     * Lets an append file be made, waits until it may, or says that there is no inode for it.
     *
     * @throws InterruptedIOException if the waiting thread is interrupted
     */
    void admitFile() throws IOException {
        if (filesUntilRecheck.decrementAndGet() >= 0 || fileAdmitted()) {
            return;
        }
        usage.reclaim();
        // The round that is made for who waits also removes what it archived.
        if (!fileAdmitted() && !await(waitingForFiles, this::fileAdmitted, () -> {})) {
            throw new FsException(Reason.NO_SPACE, "the SSD has no inodes left beside the reserve");
        }
    }

    private boolean fileAdmitted() throws IOException {
        long room = inodeRoom(Posix.statfs(volume));
        if (room <= 0) {
            return false;
        }
        filesUntilRecheck.set(Math.min(RECHECK_FILES, (room - 1) / 2));
        return true;
    }

    /** Append files that can be made now; file systems that count no inodes have enough. */
    private static long inodeRoom(FileSystemStatus ssd) {
        return ssd.files() == 0
                ? Long.MAX_VALUE
                : ssd.freeFiles() - Math.min(INODE_RESERVE, ssd.files() / LARGEST_SHARE);
    }

    private boolean admitted(long lengthBytes) throws IOException {
        long room = writableBytes();
        if (room < lengthBytes) {
            return false;
        }
        // Half of what is left at the most: other writers and the tier use the SSD, too.
        admittedUntilRecheck.set(Math.min(RECHECK_BYTES, (room - lengthBytes) / 2));
        return true;
    }

    /** Whether appends wait for space: a round, and containers going cold, would help. */
    public boolean isWanted() {
        return waiting.get() > 0;
    }

    /** Whether inodes are waited for: a round would help. */
    public boolean isInodeWanted() {
        return waitingForFiles.get() > 0;
    }

    /** What waiting is for. */
    @FunctionalInterface
    private interface Admission {
        boolean given() throws IOException;
    }

    /** What may help when something has moved. */
    @FunctionalInterface
    private interface Help {
        void run() throws IOException;
    }

    /** Waits for an admission as long as something moves; false if that ended first. */
    private boolean await(AtomicInteger waiters, Admission admission, Help help)
            throws IOException {
        WaitPoint.enter();
        waiters.incrementAndGet();
        try {
            long progress = progress();
            long deadline = System.nanoTime() + fullTimeout.toNanos();
            while (!admission.given()) {
                long now = progress();
                if (now != progress) {
                    progress = now;
                    deadline = System.nanoTime() + fullTimeout.toNanos();
                    help.run();
                } else if (System.nanoTime() >= deadline || freeContainerBytes() <= 0) {
                    return false;
                }
                Thread.sleep(LOOK_AGAIN_MILLIS);
            }
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for space on the SSD");
        } finally {
            waiters.decrementAndGet();
        }
    }

    private FsException full() throws IOException {
        return new FsException(
                Reason.NO_SPACE,
                "the SSD has room for "
                        + Math.max(0, writableBytes())
                        + " more bytes beside the reserve");
    }

    /** Changes as long as bytes move towards the media. */
    private long progress() {
        long moved = usage.unbuiltBytes();
        for (TierStatus.Medium medium : tier.control().status().media()) {
            moved = 31 * moved + medium.objectsWritten() + medium.objectsVerified();
        }
        return moved;
    }

    /** Bytes that can be appended now. */
    private long writableBytes() throws IOException {
        return writableBytes(0);
    }

    /**
     * @param evictableBytes counted as free
     */
    private long writableBytes(long evictableBytes) throws IOException {
        FileSystemStatus ssd = Posix.statfs(volume);
        long unbuilt = usage.unbuiltBytes();
        long available = ssd.availableBytes();
        if (limitBytes > 0) {
            available = Math.min(available, limitBytes - usedBytes());
        }
        available += evictableBytes;
        // What is appended is needed again in staging: half of the rest.
        long twice = (available - unbuilt - reserveBytes(ssd)) / 2;
        return Math.min(twice, freeContainerBytes() - unbuilt);
    }

    private long usedBytes() {
        return tier.control().status().ssdUsedBytes() + usage.unbuiltBytes() + usage.imageBytes();
    }

    private long reserveBytes(FileSystemStatus ssd) {
        long wanted =
                tier.geometry().containerBytes()
                        + 2 * usage.largestImageBytes()
                        + METADATA_RESERVE_BYTES;
        long whole = limitBytes > 0 ? Math.min(limitBytes, ssd.totalBytes()) : ssd.totalBytes();
        return Math.min(wanted, whole / LARGEST_SHARE);
    }

    private long freeContainerBytes() {
        int used = tier.control().containers().size();
        return (long) (tier.geometry().containers() - used) * tier.geometry().dataBytes();
    }

    FileSystemSpace space(long files, long freeFiles) throws IOException {
        FileSystemStatus ssd = Posix.statfs(volume);
        // What an append would evict counts as free: it waits for that no longer than a moment.
        TierSpace tierSpace = tier.control().space();
        long cold = tierSpace.coldFreeBytes() - usage.unbuiltBytes();
        long free = Math.max(0, Math.min(writableBytes(tierSpace.evictableBytes()), cold));
        long taken = limitBytes > 0 ? usedBytes() : ssd.totalBytes() - ssd.freeBytes();
        long used = Math.max(0, taken - tierSpace.evictableBytes());
        return new FileSystemSpace(used + free, free, files, freeFiles);
    }
}
