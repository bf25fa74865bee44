package io.arcfs.posix;

import io.arcfs.failpoint.Faults;
import io.arcfs.failpoint.Faults.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * An open file, read and written at positions straight from and into native memory.
 *
 * <p>Unlike a FileChannel it is not closed when a thread that uses it is interrupted. Calls after
 * {@link #close()} fail with EBADF; the descriptor itself is closed when the last call that is
 * under way has returned, so that no call ever reaches a recycled number. Nothing is allocated per
 * read or write of a native segment; heap segments are copied through pooled buffers.
 *
 * <p>Thread-safe.
 */
public final class PosixFile implements AutoCloseable {
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int POSIX_FADV_DONTNEED = 4;
    private static final int SYNC_FILE_RANGE_WRITE = 2;
    private static final int RWF_NOWAIT = 8;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int CREATE_MODE = 0x180; // 0600: a volume's bytes are nobody else's
    private static final int CLOSED = 1 << 31;
    private static final int COPY_BUFFER_BYTES = 256 * 1024;
    private static final BufferPool COPY_BUFFERS = new BufferPool(COPY_BUFFER_BYTES, 4);
    private static final MemorySegment EMPTY_PATH = Arena.global().allocate(1);

    private static final VarHandle USERS;

    static {
        try {
            USERS =
                    MethodHandles.lookup()
                            .findVarHandle(PosixFile.class, "users", int.class)
                            .withInvokeExactBehavior();
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Wants to know before a read waits. */
    @FunctionalInterface
    public interface DiskWaiter {
        /** The bytes are not in the page cache. */
        void aboutToWaitForDisk();
    }

    private final int descriptor;
    private final String subject;

    /** Calls under way, and the CLOSED bit; whoever brings it to exactly CLOSED closes. */
    @SuppressWarnings("unused") // through USERS
    private volatile int users;

    /** Whether this file system knows reads that do not wait (RWF_NOWAIT); found by trying. */
    private volatile boolean tellsBeforeWaiting = true;

    private PosixFile(int descriptor, String subject) {
        this.descriptor = descriptor;
        this.subject = subject;
    }

    public static PosixFile open(Path path, OpenFlag... flags) throws IOException {
        return open(Posix.bytes(path), flags);
    }

    /** Opens a file by a path of bytes, as the kernel takes it. */
    public static PosixFile open(byte[] path, OpenFlag... flags) throws IOException {
        if (Faults.areOn() && Arrays.asList(flags).contains(OpenFlag.CREATE)) {
            Faults.before(Operation.CREATE, Posix.display(path));
        }
        int fd = openDescriptor(path, OpenFlag.combine(flags));
        return new PosixFile(fd, Posix.display(path));
    }

    private static int openDescriptor(byte[] path, int flags) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Posix.cString(arena, path);
            while (true) {
                int fd = Libc.open(scratch.capture, name, flags, CREATE_MODE);
                if (fd >= 0) {
                    return fd;
                }
                Errno errno = scratch.lastErrno();
                if (errno != Errno.EINTR) {
                    throw new PosixException("open", errno, Posix.display(path));
                }
            }
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        }
    }

    /**
     * Reads until {@code target} is full or the file ends.
     *
     * @return bytes read; less than the target's size only at the end of the file
     */
    public int read(long offsetBytes, MemorySegment target) throws IOException {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("target is read-only");
        }
        int wanted = Math.toIntExact(target.byteSize());
        acquire("pread");
        try {
            return target.isNative()
                    ? readNative(offsetBytes, target, wanted)
                    : readHeap(offsetBytes, target, wanted);
        } finally {
            release();
        }
    }

    /**
     * As {@link #read(long, MemorySegment)}, and tells before it waits for bytes that are not in
     * the page cache. Where the file system cannot say so, it waits untold.
     *
     * @param target native memory, which nobody frees meanwhile
     * @param waiter called at most once, and without need at the end of the file
     */
    public int read(long offsetBytes, MemorySegment target, DiskWaiter waiter) throws IOException {
        if (!target.isNative() || target.isReadOnly()) {
            return read(offsetBytes, target); // which refuses what it cannot fill
        }
        int wanted = Math.toIntExact(target.byteSize());
        acquire("preadv2");
        try {
            int done = 0;
            if (tellsBeforeWaiting) {
                done = readCached(offsetBytes, target, wanted);
                if (done == wanted) {
                    return done;
                }
                if (tellsBeforeWaiting) {
                    waiter.aboutToWaitForDisk();
                }
            }
            return readNative(offsetBytes, target, done, wanted);
        } finally {
            release();
        }
    }

    /** What the page cache has from the first byte on. */
    private int readCached(long offsetBytes, MemorySegment target, int wanted) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        scratch.vector.set(ValueLayout.JAVA_LONG, 0, target.address());
        scratch.vector.set(ValueLayout.JAVA_LONG, Long.BYTES, wanted);
        long got;
        try {
            got = Libc.tryPreadv2(descriptor, scratch.vector, 1, offsetBytes, RWF_NOWAIT);
            if (got < 0) {
                got =
                        Libc.preadv2(
                                scratch.capture,
                                descriptor,
                                scratch.vector,
                                1,
                                offsetBytes,
                                RWF_NOWAIT);
            }
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        } finally {
            Reference.reachabilityFence(target);
        }
        if (got >= 0) {
            return (int) got;
        }
        if (scratch.lastErrno() == Errno.EOPNOTSUPP) {
            tellsBeforeWaiting = false;
        }
        return 0; // whatever else is wrong, the read that follows meets it, too
    }

    private int readNative(long offsetBytes, MemorySegment target, int wanted) throws IOException {
        return readNative(offsetBytes, target, 0, wanted);
    }

    /** Goes on behind the first {@code done} bytes. */
    private int readNative(long offsetBytes, MemorySegment target, int done, int wanted)
            throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        while (done < wanted) {
            MemorySegment rest = done == 0 ? target : target.asSlice(done);
            long got;
            try {
                got =
                        Libc.pread(
                                scratch.capture,
                                descriptor,
                                rest,
                                wanted - done,
                                offsetBytes + done);
            } catch (Throwable t) {
                throw Posix.rethrow(t);
            }
            if (got == 0) {
                break;
            }
            if (got < 0) {
                failUnlessInterrupted("pread", scratch);
            } else {
                done += (int) got;
            }
        }
        return done;
    }

    private int readHeap(long offsetBytes, MemorySegment target, int wanted) throws IOException {
        MemorySegment buffer = COPY_BUFFERS.take();
        try {
            int done = 0;
            while (done < wanted) {
                int part = Math.min(wanted - done, COPY_BUFFER_BYTES);
                int got = readNative(offsetBytes + done, buffer.asSlice(0, part), part);
                MemorySegment.copy(buffer, 0, target, done, got);
                done += got;
                if (got < part) {
                    break;
                }
            }
            return done;
        } finally {
            COPY_BUFFERS.give(buffer);
        }
    }

    /** Writes all of {@code source}. */
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        long length = source.byteSize();
        Faults.before(Operation.WRITE, subject);
        acquire("pwrite");
        try {
            if (source.isNative()) {
                writeNative(offsetBytes, source, length);
            } else {
                writeHeap(offsetBytes, source, length);
            }
        } finally {
            release();
        }
    }

    private void writeNative(long offsetBytes, MemorySegment source, long length)
            throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        long done = 0;
        while (done < length) {
            MemorySegment rest = done == 0 ? source : source.asSlice(done);
            long put;
            try {
                put =
                        Libc.pwrite(
                                scratch.capture,
                                descriptor,
                                rest,
                                length - done,
                                offsetBytes + done);
            } catch (Throwable t) {
                throw Posix.rethrow(t);
            }
            if (put < 0) {
                failUnlessInterrupted("pwrite", scratch);
            } else if (put == 0) {
                // The kernel says neither progress nor error; a loop would never end.
                throw new PosixException("pwrite", Errno.EIO, subject);
            } else {
                done += put;
            }
        }
    }

    private void writeHeap(long offsetBytes, MemorySegment source, long length) throws IOException {
        MemorySegment buffer = COPY_BUFFERS.take();
        try {
            long done = 0;
            while (done < length) {
                long part = Math.min(length - done, COPY_BUFFER_BYTES);
                MemorySegment.copy(source, done, buffer, 0, part);
                writeNative(offsetBytes + done, buffer.asSlice(0, part), part);
                done += part;
            }
        } finally {
            COPY_BUFFERS.give(buffer);
        }
    }

    /**
     * Calls with the descriptor, for system calls that take one beside their own: it stays open
     * during the call. Answers -EBADF, and does not call, once the file is closed.
     */
    public int withDescriptor(IntUnaryOperator use) {
        try {
            acquire("descriptor");
            try {
                return use.applyAsInt(descriptor);
            } finally {
                release();
            }
        } catch (PosixException e) {
            return -e.errno().code();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** fdatasync: the data and what is needed to read it are durable. */
    public void syncData() throws IOException {
        // Not retried after an error: the kernel may have dropped the dirty pages.
        Faults.before(Operation.SYNC, subject);
        call("fdatasync", s -> Libc.fdatasync(s.capture, descriptor));
    }

    /**
     * sync_file_range: the kernel begins to write what is not written yet. A hint: says nothing of
     * errors and makes nothing durable.
     */
    public void startWriting() {
        withDescriptor(fd -> {
            try {
                return Libc.syncFileRange(
                        CallScratch.ofThread().capture, fd, 0L, 0L, SYNC_FILE_RANGE_WRITE);
            } catch (Throwable t) {
                throw new LinkageError("sync_file_range cannot be called", t);
            }
        });
    }

    /** fsync: data and all metadata are durable; of a directory, its entries. */
    public void sync() throws IOException {
        Faults.before(Operation.SYNC, subject);
        call("fsync", s -> Libc.fsync(s.capture, descriptor));
    }

    public long size() throws IOException {
        return StatxLayout.size(statx());
    }

    /** Space the file really takes, in bytes. */
    public long allocatedBytes() throws IOException {
        return StatxLayout.blocks512(statx()) * 512;
    }

    /** What the kernel says of the open file. */
    public FileStatus status() throws IOException {
        return StatxLayout.decode(statx());
    }

    /** Valid until this thread's next call. */
    private MemorySegment statx() throws IOException {
        call(
                "statx",
                s ->
                        Libc.statx(
                                s.capture,
                                descriptor,
                                EMPTY_PATH,
                                StatxLayout.AT_EMPTY_PATH,
                                StatxLayout.STATX_BASIC_STATS,
                                s.struct));
        return CallScratch.ofThread().struct;
    }

    /** Cuts the file, or grows it with a hole. */
    public void truncate(long sizeBytes) throws IOException {
        Faults.before(Operation.TRUNCATE, subject);
        call("ftruncate", s -> Libc.ftruncate(s.capture, descriptor, sizeBytes));
    }

    /** Gives the range's space back; it reads as zeros after, the size stays. */
    public void punchHole(long offsetBytes, long lengthBytes) throws IOException {
        Faults.before(Operation.PUNCH_HOLE, subject);
        call(
                "fallocate",
                s ->
                        Libc.fallocate(
                                s.capture,
                                descriptor,
                                FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE,
                                offsetBytes,
                                lengthBytes));
    }

    /**
     * Asks the kernel to forget its cached copy of the range, so that the next read comes from the
     * medium. A hint: what is not yet durable stays cached.
     */
    public void dropCache(long offsetBytes, long lengthBytes) throws IOException {
        // Returns its error instead of setting errno, so never less than 0: it is only a hint.
        call(
                "posix_fadvise",
                s ->
                        Libc.posixFadvise(
                                s.capture,
                                descriptor,
                                offsetBytes,
                                lengthBytes,
                                POSIX_FADV_DONTNEED));
    }

    /** First offset at or behind {@code offsetBytes} that has data; -1 when there is none. */
    public long seekData(long offsetBytes) throws IOException {
        return seek(offsetBytes, SEEK_DATA);
    }

    /**
     * First offset at or behind {@code offsetBytes} in a hole; -1 when the offset is past the end.
     */
    public long seekHole(long offsetBytes) throws IOException {
        return seek(offsetBytes, SEEK_HOLE);
    }

    private long seek(long offsetBytes, int whence) throws IOException {
        try {
            return call("lseek", s -> Libc.lseek(s.capture, descriptor, offsetBytes, whence));
        } catch (PosixException e) {
            if (e.errno() == Errno.ENXIO) {
                return -1;
            }
            throw e;
        }
    }

    /** Names in this directory, from its beginning, without "." and "..". */
    void readNames(MemorySegment buffer, DirentConsumer names) throws IOException {
        while (true) {
            long got = call("getdents64", s -> Libc.getdents64(s.capture, descriptor, buffer));
            if (got == 0) {
                return;
            }
            DirentLayout.forEachName(buffer.asSlice(0, got), names);
        }
    }

    /** What {@link #readNames} calls per name. */
    interface DirentConsumer {
        void accept(byte[] name);
    }

    /**
     * The number the kernel knows the file by. The caller sees to it that the file is not closed
     * while it uses the number.
     */
    public int descriptor() {
        return descriptor;
    }

    @Override
    public String toString() {
        return subject + " (fd " + descriptor + ")";
    }

    /** Idempotent; returns at once, calls under way finish. */
    @Override
    public void close() throws IOException {
        int before = (int) USERS.getAndBitwiseOr(this, CLOSED);
        if (before == 0) {
            closeDescriptor();
        }
    }

    /** The descriptor stays open until {@link #release}. */
    void acquire(String operation) throws PosixException {
        while (true) {
            int seen = (int) USERS.getVolatile(this);
            if (seen < 0) {
                throw new PosixException(operation, Errno.EBADF, subject + " (closed)");
            }
            if (USERS.compareAndSet(this, seen, seen + 1)) {
                return;
            }
        }
    }

    void release() throws IOException {
        int before = (int) USERS.getAndAdd(this, -1);
        if (before == (CLOSED | 1)) {
            closeDescriptor();
        }
    }

    private void closeDescriptor() throws IOException {
        try {
            CallScratch scratch = CallScratch.ofThread();
            // Not retried on EINTR: Linux has closed it all the same.
            int result = Libc.close(scratch.capture, descriptor);
            if (result < 0 && scratch.lastErrno() != Errno.EINTR) {
                throw new PosixException("close", scratch.lastErrno(), subject);
            }
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        }
    }

    private void failUnlessInterrupted(String operation, CallScratch scratch)
            throws PosixException {
        Errno errno = scratch.lastErrno();
        if (errno != Errno.EINTR) {
            throw new PosixException(operation, errno, subject);
        }
    }

    /** A system call on the descriptor; the method handles throw what they like. */
    @FunctionalInterface
    private interface Call {
        long on(CallScratch scratch) throws Throwable;
    }

    /** One call, again when a signal came in between; not for reads and writes, it allocates. */
    private long call(String operation, Call call) throws IOException {
        acquire(operation);
        try {
            CallScratch scratch = CallScratch.ofThread();
            while (true) {
                long result = call.on(scratch);
                if (result >= 0) {
                    return result;
                }
                failUnlessInterrupted(operation, scratch);
            }
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        } finally {
            release();
        }
    }
}
