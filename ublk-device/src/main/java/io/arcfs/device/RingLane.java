package io.arcfs.device;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.uring.CompletionHandler;
import io.arcfs.uring.IoUring;
import io.arcfs.uring.RingSetup;
import io.arcfs.uring.SetupFlag;
import io.arcfs.uring.Sqe;
import io.arcfs.uring.abi.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A ring that carries one call at a time: split into parts that are in flight together, short and
 * interrupted ones continued. Used by one thread at a time.
 */
final class RingLane implements CompletionHandler, AutoCloseable {
    private static final int DEPTH = 32;
    private static final int PART_BYTES = 256 * 1024;
    private static final long PAGE_BYTES = 4096;

    private final IoUring ring;

    /** Where memory that O_DIRECT cannot use is copied through; made when first needed. */
    private @Nullable MemorySegment bounce;

    private final long[] partAt = new long[DEPTH];
    private final int[] partLeft = new int[DEPTH];
    private final int[] free = new int[DEPTH];
    private int freeCount;

    /** The call under way. */
    private boolean writing;

    private int descriptor;
    private int callFlags;
    private long address;
    private long offset;
    private int failure;
    private int lastResult;

    private RingLane(IoUring ring) {
        this.ring = ring;
    }

    static RingLane open() throws PosixException {
        return new RingLane(
                IoUring.openPreferring(RingSetup.entries(DEPTH), SetupFlag.COOP_TASKRUN));
    }

    void read(int fd, long fileOffset, MemorySegment target) throws PosixException {
        if (isAligned(target)) {
            run(false, fd, fileOffset, target.address(), target.byteSize(), 0);
            return;
        }
        MemorySegment buffer = bounceBuffer();
        for (long done = 0; done < target.byteSize(); done += buffer.byteSize()) {
            long part = Math.min(buffer.byteSize(), target.byteSize() - done);
            run(false, fd, fileOffset + done, buffer.address(), part, 0);
            MemorySegment.copy(buffer, 0, target, done, part);
        }
    }

    void write(int fd, long fileOffset, MemorySegment source, int flags) throws PosixException {
        if (isAligned(source)) {
            run(true, fd, fileOffset, source.address(), source.byteSize(), flags);
            return;
        }
        MemorySegment buffer = bounceBuffer();
        for (long done = 0; done < source.byteSize(); done += buffer.byteSize()) {
            long part = Math.min(buffer.byteSize(), source.byteSize() - done);
            MemorySegment.copy(source, done, buffer, 0, part);
            run(true, fd, fileOffset + done, buffer.address(), part, flags);
        }
    }

    void syncData(int fd) throws PosixException {
        ring.nextSqe().fsync(fd, Sqe.FSYNC_DATASYNC).userData(DEPTH);
        awaitIdle();
        if (lastResult < 0) {
            throw Kernel.failure("fdatasync", lastResult, "descriptor " + fd);
        }
    }

    /** The kernel's result, for callers who know what to do without. */
    int fallocate(int fd, int mode, long fileOffset, long bytes) throws PosixException {
        ring.nextSqe().fallocate(fd, mode, fileOffset, bytes).userData(DEPTH);
        awaitIdle();
        return lastResult;
    }

    private void run(boolean write, int fd, long fileOffset, long memory, long bytes, int flags)
            throws PosixException {
        writing = write;
        descriptor = fd;
        callFlags = flags;
        address = memory;
        offset = fileOffset;
        failure = 0;
        freeCount = DEPTH;
        for (int i = 0; i < DEPTH; i++) {
            free[i] = i;
        }
        long next = 0;
        while (next < bytes && failure == 0) {
            while (next < bytes && freeCount > 0) {
                int slot = free[--freeCount];
                partAt[slot] = next;
                partLeft[slot] = (int) Math.min(PART_BYTES, bytes - next);
                next += partLeft[slot];
                request(slot);
            }
            ring.submitAndWait(1);
            ring.reap(this);
        }
        awaitIdle();
        if (failure != 0) {
            throw Kernel.failure(write ? "write" : "read", failure, "offset " + fileOffset);
        }
    }

    private void request(int slot) throws PosixException {
        long at = partAt[slot];
        Sqe sqe = ring.nextSqe();
        if (writing) {
            sqe.write(descriptor, address + at, partLeft[slot], offset + at).callFlags(callFlags);
        } else {
            sqe.read(descriptor, address + at, partLeft[slot], offset + at);
        }
        sqe.userData(slot);
    }

    /** Also after a failure: the memory is the caller's again only when nothing is in flight. */
    private void awaitIdle() throws PosixException {
        ring.submit();
        while (ring.inFlight() > 0) {
            ring.submitAndWait(1);
            ring.reap(this);
        }
    }

    @Override
    public void completed(long userData, int result, int flags) {
        lastResult = result;
        if (userData == DEPTH) {
            return;
        }
        int slot = (int) userData;
        boolean again = result == -Errno.EINTR.code() || result == -Errno.EAGAIN.code();
        if (result == 0 || (result < 0 && !again)) {
            // 0 of a read: somebody cut the file; of a write: neither progress nor error.
            failure = result == 0 ? -Errno.EIO.code() : result;
            free[freeCount++] = slot;
            return;
        }
        int moved = again ? 0 : result;
        partAt[slot] += moved;
        partLeft[slot] -= moved;
        if (partLeft[slot] == 0) {
            free[freeCount++] = slot;
            return;
        }
        try {
            request(slot);
        } catch (PosixException e) {
            failure = -e.errno().code();
            free[freeCount++] = slot;
        }
    }

    private static boolean isAligned(MemorySegment memory) {
        return memory.isNative() && memory.address() % PAGE_BYTES == 0;
    }

    private MemorySegment bounceBuffer() {
        MemorySegment buffer = bounce;
        if (buffer == null) {
            buffer = Arena.ofAuto().allocate(4L * PART_BYTES, PAGE_BYTES);
            bounce = buffer;
        }
        return buffer;
    }

    @Override
    public void close() throws PosixException {
        ring.close();
    }
}
