package io.arcfs.overlay.data;

import io.arcfs.device.WaitPoint;
import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that one version of an inode has in the uppers; grows only (D1).
 *
 * <p>The descriptor is open while somebody retains it; retaining what is open already is one
 * compare-and-set. Thread-safe.
 */
public final class AppendFile {
    private final long number;
    private final Path path;
    private final AtomicInteger users = new AtomicInteger();
    private volatile @Nullable PosixFile file;
    private volatile @Nullable IOException syncFailure;

    AppendFile(long number, Path path) {
        this.number = number;
        this.path = path;
    }

    public long number() {
        return number;
    }

    public Path path() {
        return path;
    }

    /** Keeps the descriptor open until {@link #release}. Fails if the file is gone. */
    public void retain() throws IOException {
        for (int now = users.get(); now > 0; now = users.get()) {
            if (users.compareAndSet(now, now + 1)) {
                return;
            }
        }
        synchronized (this) {
            if (file == null) {
                file = PosixFile.open(path, OpenFlag.READ, OpenFlag.WRITE);
            }
            users.incrementAndGet();
        }
    }

    /** Makes the file, emptied if it exists, and retains it. */
    synchronized void create() throws IOException {
        if (file == null) {
            file =
                    PosixFile.open(
                            path,
                            OpenFlag.READ,
                            OpenFlag.WRITE,
                            OpenFlag.CREATE,
                            OpenFlag.TRUNCATE);
        }
        users.incrementAndGet();
    }

    public void release() {
        if (users.decrementAndGet() == 0) {
            closeIfIdle();
        }
    }

    private synchronized void closeIfIdle() {
        PosixFile open = file;
        if (users.get() == 0 && open != null) {
            file = null;
            try {
                open.close();
            } catch (IOException e) {
                // close(2) gives the descriptor back whatever it reports, and every promise of
                // durability was made by an fdatasync whose failure was reported.
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** Whoever calls this has retained the file. */
    private PosixFile descriptor() throws IOException {
        PosixFile open = file;
        if (open == null) {
            throw new IOException("append file " + number + " is not open");
        }
        return open;
    }

    /**
     * Fills {@code target}; bytes behind the end of the file are zeros: a hole that was never
     * written.
     */
    public void read(long fileOffset, MemorySegment target) throws IOException {
        int count = WaitPoint.read(descriptor(), fileOffset, target);
        if (count < target.byteSize()) {
            target.asSlice(count).fill((byte) 0);
        }
    }

    public void append(long fileOffset, MemorySegment source) throws IOException {
        failIfSyncFailed();
        descriptor().write(fileOffset, source);
    }

    /** Bytes up to its end, written or not. */
    public long length() throws IOException {
        return descriptor().size();
    }

    /** Calls with the descriptor, open during the call. */
    public int withDescriptor(IntUnaryOperator use) {
        PosixFile open = file;
        return open == null ? -Errno.EBADF.code() : open.withDescriptor(use);
    }

    /** Moves its end up with a hole: the kernel reads it without asking how long the inode is. */
    public void growTo(long end) throws IOException {
        if (descriptor().size() < end) {
            descriptor().truncate(end);
        }
    }

    /** Takes back what a failed append left behind {@code end}. */
    public void truncate(long end) throws IOException {
        if (descriptor().size() > end) {
            descriptor().truncate(end);
        }
    }

    /** Begins to write its bytes without waiting: a hint before several files are synced. */
    public void startWriting() {
        try {
            retain();
        } catch (IOException e) {
            return; // only a hint; the sync that follows says what is wrong
        }
        PosixFile open = file;
        if (open != null) {
            open.startWriting();
        }
        release();
    }

    /**
     * Makes its bytes durable; the caller sees to its name. Once that has failed it fails for ever,
     * and so does every append: the kernel may have dropped what was dirty, and a second sync that
     * succeeds would say nothing of it.
     */
    public void syncData() throws IOException {
        failIfSyncFailed();
        try {
            descriptor().syncData();
        } catch (IOException e) {
            syncFailure = e;
            throw e;
        }
    }

    private void failIfSyncFailed() throws IOException {
        IOException failure = syncFailure;
        if (failure != null) {
            throw new IOException(
                    this
                            + " takes no more bytes: an earlier sync failed, so what it covered may"
                            + " be lost: "
                            + failure.getMessage(),
                    failure);
        }
    }

    public long seekData(long fileOffset) throws IOException {
        return descriptor().seekData(fileOffset);
    }

    public long seekHole(long fileOffset) throws IOException {
        return descriptor().seekHole(fileOffset);
    }

    @Override
    public String toString() {
        return "append file " + number;
    }
}
