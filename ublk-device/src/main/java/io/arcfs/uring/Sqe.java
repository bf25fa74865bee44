package io.arcfs.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.arcfs.uring.abi.Opcode;
import io.arcfs.uring.abi.SqeLayout;
import java.lang.foreign.MemorySegment;

/**
 * One slot of the submission queue, filled by exactly one of the operation methods and then by
 * {@link #userData} and the flags. The ring has one such view and moves it: it is valid until the
 * next {@link IoUring#nextSqe}. Addresses are native and stay valid until the completion came.
 * Confined to the ring's thread.
 */
public final class Sqe {
    /** Of {@link #fsync}: data only, as fdatasync. */
    public static final int FSYNC_DATASYNC = 1;

    /** Of read and write: the write is durable when it completes (RWF_DSYNC). */
    public static final int RW_DSYNC = 2;

    /** Of {@link #cancel}: all that match, not the first. */
    public static final int CANCEL_ALL = 1;

    /** Of {@link #cancel}: whatever the user data. */
    public static final int CANCEL_ANY = 4;

    /** Of {@link #timeout}: the time is of CLOCK_MONOTONIC, not from now. */
    public static final int TIMEOUT_ABS = 1;

    /** Of {@link #poll}: readable. */
    public static final int POLLIN = 1;

    private static final byte FIXED_FILE = 1;
    private static final byte DRAIN = 2;
    private static final byte LINK = 4;
    private static final byte HARDLINK = 8;
    private static final byte ASYNC = 16;
    private static final int POLL_ADD_MULTI = 1;

    private final MemorySegment sqes;
    private final long slotBytes;
    private long at;

    Sqe(MemorySegment sqes, long slotBytes) {
        this.sqes = sqes;
        this.slotBytes = slotBytes;
    }

    /** Goes to a slot and zeroes it: what an operation does not use must be 0 for the kernel. */
    void moveTo(int slot) {
        at = slot * slotBytes;
        for (long offset = 0; offset < slotBytes; offset += Long.BYTES) {
            sqes.set(JAVA_LONG, at + offset, 0);
        }
    }

    public Sqe nop() {
        return operation(Opcode.NOP, -1, 0, 0, 0);
    }

    public Sqe read(int fd, long address, int bytes, long offset) {
        return operation(Opcode.READ, fd, offset, address, bytes);
    }

    public Sqe write(int fd, long address, int bytes, long offset) {
        return operation(Opcode.WRITE, fd, offset, address, bytes);
    }

    /**
     * Flags of a read or write, such as {@link #RW_DSYNC}; of an fsync, {@link #FSYNC_DATASYNC}.
     */
    public Sqe callFlags(int flags) {
        sqes.set(JAVA_INT, at + SqeLayout.RW_FLAGS, flags);
        return this;
    }

    /** Into {@code count} buffers named by an array of struct iovec. */
    public Sqe readv(int fd, long iovecs, int count, long offset) {
        return operation(Opcode.READV, fd, offset, iovecs, count);
    }

    public Sqe writev(int fd, long iovecs, int count, long offset) {
        return operation(Opcode.WRITEV, fd, offset, iovecs, count);
    }

    /** Into registered buffer {@code index}; the address lies in it. */
    public Sqe readFixed(int fd, long address, int bytes, long offset, int index) {
        operation(Opcode.READ_FIXED, fd, offset, address, bytes);
        sqes.set(JAVA_SHORT, at + SqeLayout.BUF_INDEX, (short) index);
        return this;
    }

    public Sqe writeFixed(int fd, long address, int bytes, long offset, int index) {
        operation(Opcode.WRITE_FIXED, fd, offset, address, bytes);
        sqes.set(JAVA_SHORT, at + SqeLayout.BUF_INDEX, (short) index);
        return this;
    }

    public Sqe fsync(int fd, int flags) {
        operation(Opcode.FSYNC, fd, 0, 0, 0);
        return callFlags(flags);
    }

    public Sqe fallocate(int fd, int mode, long offset, long bytes) {
        return operation(Opcode.FALLOCATE, fd, offset, bytes, mode);
    }

    /** Completes with 62 (ETIME) when the time is over. */
    public Sqe timeout(long timespec, int completions, int flags) {
        operation(Opcode.TIMEOUT, -1, completions, timespec, 1);
        return callFlags(flags);
    }

    public Sqe timeoutRemove(long userData) {
        return operation(Opcode.TIMEOUT_REMOVE, -1, 0, userData, 0);
    }

    /** Behind a request with {@link #link}: bounds its time. */
    public Sqe linkTimeout(long timespec, int flags) {
        operation(Opcode.LINK_TIMEOUT, -1, 0, timespec, 1);
        return callFlags(flags);
    }

    /** Cancels requests by their user data. */
    public Sqe cancel(long userData, int flags) {
        operation(Opcode.ASYNC_CANCEL, -1, 0, userData, 0);
        return callFlags(flags);
    }

    /** Completes once when one of the events is there; the result is the events. */
    public Sqe poll(int fd, int events) {
        operation(Opcode.POLL_ADD, fd, 0, 0, 0);
        return callFlags(events);
    }

    /** Completes again and again; the completions but the last carry F_MORE. */
    public Sqe pollMultishot(int fd, int events) {
        operation(Opcode.POLL_ADD, fd, 0, 0, POLL_ADD_MULTI);
        return callFlags(events);
    }

    public Sqe pollRemove(long userData) {
        return operation(Opcode.POLL_REMOVE, -1, 0, userData, 0);
    }

    /**
     * Posts a completion to another ring: {@code data}, marked as {@link IoUring#FOREIGN}, with
     * {@code result}.
     */
    public Sqe messageRing(int ringFd, int result, long data) {
        return operation(Opcode.MSG_RING, ringFd, data | IoUring.FOREIGN, 0, result);
    }

    /** A command to a driver; its payload follows through the {@code command} methods. */
    public Sqe uringCommand(int fd, int command) {
        operation(Opcode.URING_CMD, fd, 0, 0, 0);
        sqes.set(JAVA_INT, at + SqeLayout.CMD_OP, command);
        return this;
    }

    public Sqe command(long offset, short value) {
        sqes.set(JAVA_SHORT, at + SqeLayout.CMD + offset, value);
        return this;
    }

    public Sqe command(long offset, int value) {
        sqes.set(JAVA_INT, at + SqeLayout.CMD + offset, value);
        return this;
    }

    public Sqe command(long offset, long value) {
        sqes.set(JAVA_LONG, at + SqeLayout.CMD + offset, value);
        return this;
    }

    /** The address word, for commands that give it a meaning of their own. */
    public Sqe address(long value) {
        sqes.set(JAVA_LONG, at + SqeLayout.ADDR, value);
        return this;
    }

    /** The length word, for commands that give it a meaning of their own. */
    public Sqe length(int value) {
        sqes.set(JAVA_INT, at + SqeLayout.LEN, value);
        return this;
    }

    /** What the completion carries; the top bit is the ring's. */
    public Sqe userData(long value) {
        sqes.set(JAVA_LONG, at + SqeLayout.USER_DATA, value);
        return this;
    }

    /** The file is a slot of the registered files. */
    public Sqe fixedFile() {
        return flag(FIXED_FILE);
    }

    /** Starts when all before it have completed. */
    public Sqe drain() {
        return flag(DRAIN);
    }

    /** The next starts when this has succeeded, and is cancelled when it has not. */
    public Sqe link() {
        return flag(LINK);
    }

    /** The next starts when this has completed, however. */
    public Sqe hardLink() {
        return flag(HARDLINK);
    }

    /** Goes to a worker thread of the kernel at once. */
    public Sqe async() {
        return flag(ASYNC);
    }

    private Sqe flag(byte bit) {
        long place = at + SqeLayout.FLAGS;
        sqes.set(JAVA_BYTE, place, (byte) (sqes.get(JAVA_BYTE, place) | bit));
        return this;
    }

    private Sqe operation(byte opcode, int fd, long offset, long address, int length) {
        sqes.set(JAVA_BYTE, at + SqeLayout.OPCODE, opcode);
        sqes.set(JAVA_INT, at + SqeLayout.FD, fd);
        sqes.set(JAVA_LONG, at + SqeLayout.OFF, offset);
        sqes.set(JAVA_LONG, at + SqeLayout.ADDR, address);
        sqes.set(JAVA_INT, at + SqeLayout.LEN, length);
        return this;
    }
}
