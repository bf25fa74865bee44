package io.arcfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystemSpace;
import java.lang.foreign.MemorySegment;

/**
 * Makes the reply to one request: an {@code out_header} and one of the bodies below, with the
 * lengths the kernel insists on. A body of data stands in the payload, every other in the page of
 * short replies. Owns no memory; confined to its reader.
 *
 * <p>The request shares memory with the payload: a handler reads it to the end before it fills a
 * payload.
 */
final class Reply {
    static final int ENTRY_BYTES = 128;
    static final int ATTR_BYTES = 104;
    static final int OPEN_BYTES = 16;
    static final int STATFS_BYTES = 80;
    static final int STATX_BYTES = 288;
    static final int INIT_BYTES = 64;

    /** What stat shows as st_blksize: programs read and write in such pieces. */
    static final int PREFERRED_BYTES = 128 * 1024;

    /**
     * How long the kernel may believe a name, its absence and an inode's attributes. They change
     * only through the kernel itself, so this bounds nothing but the damage of a bug.
     */
    static final long VALID_SECONDS = 86_400;

    /** {@code statvfs.f_frsize} and the unit of its counts. */
    private static final int STATFS_UNIT_BYTES = 4096;

    private static final int ERROR = 4;
    private static final int UNIQUE = 8;

    private static final int STATX_BASIC = 0x7ff;
    private static final long GENERATION = 0;

    private final Buffers buffers;
    private final NodeIds nodeIds;
    private final UnansweredWrites unanswered;
    private final MemorySegment memory;

    /** Where the header of the reply at hand stands. */
    private int start;

    private int lengthBytes;
    private int errno;

    Reply(Buffers buffers, NodeIds nodeIds, UnansweredWrites unanswered) {
        this.buffers = buffers;
        this.nodeIds = nodeIds;
        this.unanswered = unanswered;
        this.memory = buffers.memory;
    }

    /** Begins the reply to a request: nothing but success so far. */
    void begin() {
        start = Buffers.SHORT_START;
        lengthBytes = Buffers.OUT_HEADER_BYTES;
        errno = 0;
    }

    /** Nothing but an error number, positive. */
    void error(int number) {
        begin();
        errno = number;
    }

    /** Completes the header. */
    void end(long unique) {
        memory.set(JAVA_INT, start, lengthBytes);
        memory.set(JAVA_INT, start + ERROR, -errno);
        memory.set(JAVA_LONG, start + UNIQUE, unique);
    }

    boolean isError() {
        return errno != 0;
    }

    boolean isError(int number) {
        return errno == number;
    }

    /** A field of the body that was made. */
    long longAt(int position) {
        return memory.get(JAVA_LONG, start + Buffers.OUT_HEADER_BYTES + position);
    }

    long address() {
        return buffers.address + start;
    }

    /** Where its header stands in the buffers; the body follows. */
    int start() {
        return start;
    }

    int lengthBytes() {
        return lengthBytes;
    }

    MemorySegment memory() {
        return memory;
    }

    /** Where a body of the page of short replies begins; it grows by {@code bytes}. */
    private int body(int bytes) {
        int at = start + lengthBytes;
        lengthBytes += bytes;
        return at;
    }

    /** The payload is the body: its first {@code bytes}. */
    void payload(int bytes) {
        start = Buffers.PAYLOAD_START - Buffers.OUT_HEADER_BYTES;
        lengthBytes = Buffers.OUT_HEADER_BYTES + bytes;
    }

    /** {@code fuse_entry_out}: a name was found or made. */
    void entry(Attributes attributes) {
        putEntry(body(ENTRY_BYTES), attributes);
    }

    /** A name does not exist, and the kernel may remember that. */
    void noEntry() {
        int at = body(ENTRY_BYTES);
        memory.asSlice(at, ENTRY_BYTES).fill((byte) 0);
        memory.set(JAVA_LONG, at + 16, VALID_SECONDS);
    }

    /** The same at a place in memory: one of many in a listing. */
    void putEntry(long at, Attributes attributes) {
        memory.set(JAVA_LONG, at, nodeIds.current(attributes.inode()));
        memory.set(JAVA_LONG, at + 8, GENERATION);
        memory.set(JAVA_LONG, at + 16, VALID_SECONDS);
        memory.set(JAVA_LONG, at + 24, attributesValid(attributes));
        memory.set(JAVA_LONG, at + 32, 0); // both nanoseconds
        putAttributes(at + 40, attributes);
    }

    private long attributesValid(Attributes attributes) {
        return nodeIds.isAliased(attributes.inode()) ? 0 : VALID_SECONDS;
    }

    /** {@code fuse_attr_out}. */
    void attributes(Attributes attributes) {
        int at = body(ATTR_BYTES);
        memory.set(JAVA_LONG, at, attributesValid(attributes));
        memory.set(JAVA_LONG, at + 8, 0); // nanoseconds and padding
        putAttributes(at + 16, attributes);
    }

    /** {@code fuse_attr}, 88 bytes. */
    private void putAttributes(long at, Attributes attributes) {
        memory.set(JAVA_LONG, at, attributes.inode());
        memory.set(JAVA_LONG, at + 8, unanswered.sizeOf(attributes));
        memory.set(JAVA_LONG, at + 16, attributes.blocks512());
        memory.set(JAVA_LONG, at + 24, attributes.atimeSeconds());
        memory.set(JAVA_LONG, at + 32, attributes.mtimeSeconds());
        memory.set(JAVA_LONG, at + 40, attributes.ctimeSeconds());
        memory.set(JAVA_INT, at + 48, attributes.atimeNanos());
        memory.set(JAVA_INT, at + 52, attributes.mtimeNanos());
        memory.set(JAVA_INT, at + 56, attributes.ctimeNanos());
        memory.set(JAVA_INT, at + 60, attributes.mode());
        memory.set(JAVA_INT, at + 64, attributes.nlink());
        memory.set(JAVA_INT, at + 68, attributes.uid());
        memory.set(JAVA_INT, at + 72, attributes.gid());
        memory.set(JAVA_INT, at + 76, attributes.rdev());
        memory.set(JAVA_INT, at + 80, PREFERRED_BYTES);
        memory.set(JAVA_INT, at + 84, 0);
    }

    /** {@code fuse_statx_out}: the basic fields; of birth times nothing is known. */
    void statx(Attributes attributes) {
        int out = body(STATX_BYTES);
        memory.asSlice(out, STATX_BYTES).fill((byte) 0);
        memory.set(JAVA_LONG, out, attributesValid(attributes));
        int at = out + 32;
        memory.set(JAVA_INT, at, STATX_BASIC);
        memory.set(JAVA_INT, at + 4, PREFERRED_BYTES);
        memory.set(JAVA_INT, at + 16, attributes.nlink());
        memory.set(JAVA_INT, at + 20, attributes.uid());
        memory.set(JAVA_INT, at + 24, attributes.gid());
        memory.set(JAVA_SHORT, at + 28, (short) attributes.mode());
        memory.set(JAVA_LONG, at + 32, attributes.inode());
        memory.set(JAVA_LONG, at + 40, unanswered.sizeOf(attributes));
        memory.set(JAVA_LONG, at + 48, attributes.blocks512());
        putStatxTime(at + 64, attributes.atimeSeconds(), attributes.atimeNanos());
        putStatxTime(at + 96, attributes.ctimeSeconds(), attributes.ctimeNanos());
        putStatxTime(at + 112, attributes.mtimeSeconds(), attributes.mtimeNanos());
        // rdev in the kernel's 32-bit encoding: 12 bits of major between 8 and 12 of minor
        int rdev = attributes.rdev();
        memory.set(JAVA_INT, at + 128, (rdev >>> 8) & 0xfff);
        memory.set(JAVA_INT, at + 132, (rdev & 0xff) | ((rdev >>> 12) & 0xfff00));
    }

    private void putStatxTime(int at, long seconds, int nanos) {
        memory.set(JAVA_LONG, at, seconds);
        memory.set(JAVA_INT, at + 8, nanos);
    }

    /** {@code fuse_open_out}. */
    void open(long handle, int flags, int backingId) {
        int at = body(OPEN_BYTES);
        memory.set(JAVA_LONG, at, handle);
        memory.set(JAVA_INT, at + 8, flags);
        memory.set(JAVA_INT, at + 12, backingId);
    }

    /** {@code fuse_write_out}: also what copy_file_range answers. */
    void written(int bytes) {
        number(Integer.toUnsignedLong(bytes));
    }

    /** {@code fuse_getxattr_out}: how long an attribute, or the list of them, is. */
    void xattrSize(int bytes) {
        number(Integer.toUnsignedLong(bytes));
    }

    /** {@code fuse_lseek_out} and {@code fuse_copy_file_range_out}: one number of 64 bits. */
    void number(long value) {
        memory.set(JAVA_LONG, body(Long.BYTES), value);
    }

    /** {@code fuse_statfs_out}. */
    void statfs(FileSystemSpace space, int nameMax) {
        int at = body(STATFS_BYTES);
        memory.asSlice(at, STATFS_BYTES).fill((byte) 0);
        memory.set(JAVA_LONG, at, space.totalBytes() / STATFS_UNIT_BYTES);
        memory.set(JAVA_LONG, at + 8, space.freeBytes() / STATFS_UNIT_BYTES);
        memory.set(JAVA_LONG, at + 16, space.freeBytes() / STATFS_UNIT_BYTES);
        memory.set(JAVA_LONG, at + 24, space.files());
        memory.set(JAVA_LONG, at + 32, space.freeFiles());
        memory.set(JAVA_INT, at + 40, STATFS_UNIT_BYTES);
        memory.set(JAVA_INT, at + 44, nameMax);
        memory.set(JAVA_INT, at + 48, STATFS_UNIT_BYTES);
    }

    /** Bytes of ours as the whole body: a link's target, an attribute's value. */
    void bytes(byte[] bytes) {
        payload(bytes.length);
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, Buffers.PAYLOAD_START, bytes.length);
    }

    /** {@code fuse_init_out}. */
    void init(Negotiation agreed) {
        int at = body(INIT_BYTES);
        memory.asSlice(at, INIT_BYTES).fill((byte) 0);
        memory.set(JAVA_INT, at, Negotiation.MAJOR);
        memory.set(JAVA_INT, at + 4, agreed.minor());
        memory.set(JAVA_INT, at + 8, agreed.maxReadaheadBytes());
        memory.set(JAVA_INT, at + 12, (int) agreed.flags());
        memory.set(JAVA_SHORT, at + 16, (short) Negotiation.MAX_BACKGROUND);
        memory.set(JAVA_SHORT, at + 18, (short) Negotiation.CONGESTION_THRESHOLD);
        memory.set(JAVA_INT, at + 20, agreed.maxWriteBytes());
        memory.set(JAVA_INT, at + 24, 1); // time_gran: nanoseconds
        memory.set(JAVA_SHORT, at + 28, (short) (agreed.maxWriteBytes() / Buffers.PAGE_BYTES));
        memory.set(JAVA_INT, at + 32, (int) (agreed.flags() >>> Integer.SIZE));
        memory.set(JAVA_INT, at + 36, agreed.maxStackDepth());
    }

    /** A version the kernel should ask with again: {@code fuse_init_out} of old, 8 bytes. */
    void initOtherMajor() {
        int at = body(2 * Integer.BYTES);
        memory.set(JAVA_INT, at, Negotiation.MAJOR);
        memory.set(JAVA_INT, at + 4, Negotiation.MINOR);
    }
}
