package io.arcfs.tier.medium;

import io.arcfs.posix.BufferPool;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.uring.CompletionHandler;
import io.arcfs.uring.IoUring;
import io.arcfs.uring.RingSetup;
import io.arcfs.uring.SetupFlag;
import io.arcfs.uring.Sqe;
import io.arcfs.uring.abi.Kernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Through io_uring: a transfer is many requests in flight at once, the file is registered, and so
 * are the buffers that are handed out. One transfer at a time: a disk does no more. Thread-safe.
 */
final class RingFile implements BulkFile, CompletionHandler {
    private static final int DEPTH = 16;
    private static final int PART_BYTES = 128 << 10;
    private static final int BUFFERS = 4;
    private static final int FIXED_FILE = 0;

    private final PosixFile file;
    private final IoUring ring;
    private final Arena life;
    private final MemorySegment registered;
    private final ArrayBlockingQueue<MemorySegment> idle = new ArrayBlockingQueue<>(BUFFERS);
    private final BufferPool more = new BufferPool(BUFFER_BYTES, 1);

    /** The transfer under way, like all below. Guarded by this. */
    private boolean writing;

    private long memory;
    private long fileOffset;
    private final long[] partAt = new long[DEPTH];
    private final int[] partLeft = new int[DEPTH];
    private final int[] free = new int[DEPTH];
    private int freeCount;
    private int failure;
    private boolean ended;
    private boolean closed;

    private RingFile(PosixFile file, IoUring ring, Arena life) throws PosixException {
        this.file = file;
        this.ring = ring;
        this.life = life;
        this.registered = life.allocate((long) BUFFERS * BUFFER_BYTES, 4096);
        ring.registrations().files(file.descriptor());
        List<MemorySegment> slots = new ArrayList<>();
        for (int i = 0; i < BUFFERS; i++) {
            slots.add(registered.asSlice((long) i * BUFFER_BYTES, BUFFER_BYTES));
        }
        ring.registrations().buffers(slots);
        idle.addAll(slots);
    }

    /**
     * @throws PosixException saying what this kernel refuses
     */
    static RingFile open(PosixFile file) throws PosixException {
        IoUring ring = IoUring.openPreferring(RingSetup.entries(DEPTH), SetupFlag.COOP_TASKRUN);
        Arena life = Arena.ofShared();
        try {
            return new RingFile(file, ring, life);
        } catch (PosixException | RuntimeException | Error e) {
            ring.close();
            life.close();
            throw e;
        }
    }

    @Override
    public void read(long offset, MemorySegment target) throws IOException {
        transfer(false, offset, target);
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
        transfer(true, offset, source);
    }

    private synchronized void transfer(boolean write, long offset, MemorySegment bytes)
            throws IOException {
        if (closed) {
            throw new IOException(file + ": is closed");
        }
        writing = write;
        memory = bytes.address();
        fileOffset = offset;
        failure = 0;
        ended = false;
        freeCount = DEPTH;
        for (int i = 0; i < DEPTH; i++) {
            free[i] = i;
        }
        long length = bytes.byteSize();
        long next = 0;
        try {
            while (next < length && failure == 0) {
                while (next < length && freeCount > 0) {
                    int slot = free[--freeCount];
                    partAt[slot] = next;
                    partLeft[slot] = (int) Math.min(PART_BYTES, length - next);
                    next += partLeft[slot];
                    request(slot);
                }
                ring.submitAndWait(1);
                ring.reap(this);
            }
        } finally {
            // Also after a failure: the memory is the caller's again when nothing is in flight.
            awaitIdle();
        }
        if (ended) {
            throw new IOException(file + ": ends before byte " + (offset + length));
        }
        if (failure != 0) {
            throw Kernel.failure(write ? "write" : "read", -failure, file + " at " + offset);
        }
    }

    private void awaitIdle() throws PosixException {
        ring.submit();
        while (ring.inFlight() > 0) {
            ring.submitAndWait(1);
            ring.reap(this);
        }
    }

    private void request(int slot) throws PosixException {
        long at = memory + partAt[slot];
        long offset = fileOffset + partAt[slot];
        int index = bufferOf(at, partLeft[slot]);
        Sqe sqe = ring.nextSqe();
        if (index < 0) {
            if (writing) {
                sqe.write(FIXED_FILE, at, partLeft[slot], offset);
            } else {
                sqe.read(FIXED_FILE, at, partLeft[slot], offset);
            }
        } else if (writing) {
            sqe.writeFixed(FIXED_FILE, at, partLeft[slot], offset, index);
        } else {
            sqe.readFixed(FIXED_FILE, at, partLeft[slot], offset, index);
        }
        sqe.fixedFile().userData(slot);
    }

    /** The registered buffer that holds these bytes, or -1. */
    private int bufferOf(long address, int length) {
        long within = address - registered.address();
        return within >= 0
                        && within < registered.byteSize()
                        && within / BUFFER_BYTES == (within + length - 1) / BUFFER_BYTES
                ? (int) (within / BUFFER_BYTES)
                : -1;
    }

    @Override
    public void completed(long userData, int result, int flags) {
        int slot = (int) userData;
        boolean again = result == -Errno.EINTR.code() || result == -Errno.EAGAIN.code();
        if (result == 0 || (result < 0 && !again)) {
            // 0 of a read: the file ends; of a write: neither progress nor error.
            ended = result == 0 && !writing;
            failure = result == 0 ? Errno.EIO.code() : -result;
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
            failure = e.errno().code();
            free[freeCount++] = slot;
        }
    }

    @Override
    public MemorySegment takeBuffer() {
        MemorySegment buffer = idle.poll();
        return buffer != null ? buffer : more.take();
    }

    @Override
    public void giveBuffer(MemorySegment buffer) {
        if (bufferOf(buffer.address(), 1) < 0) {
            more.give(buffer);
        } else if (!idle.offer(buffer)) {
            throw new IllegalArgumentException("a buffer was given back twice");
        }
    }

    @Override
    public String how() {
        return "io_uring";
    }

    /** Idempotent; buffers that are still out must not be used any more. */
    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            ring.close();
            life.close();
        }
    }
}
