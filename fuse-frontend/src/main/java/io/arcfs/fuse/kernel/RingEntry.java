package io.arcfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.uring.Sqe;
import java.lang.foreign.MemorySegment;

/**
 * An entry of one of the kernel's request queues, in a reader's buffers: where a request is put and
 * its reply is taken from ({@code struct fuse_uring_req_header} and {@code fuse_uring_cmd_req} of
 * include/uapi/linux/fuse.h, Linux 6.14; fs/fuse/dev_uring.c).
 *
 * <p>The kernel puts the header of a request, its fixed structure and the rest into three places.
 * Here the first two are copied before the third, at most 168 bytes, so that a request looks as
 * read(2) would have brought it. A reply's body is taken from the payload.
 *
 * <p>Owns no memory; confined to its reader.
 */
final class RingEntry {
    // struct fuse_uring_req_header, at the beginning of the buffers' first page
    private static final int HEADERS = 0;
    static final int IN_OUT = HEADERS;
    static final int OPERATION = HEADERS + 128;
    private static final int OPERATION_BYTES = 128;
    static final int COMMIT_ID = HEADERS + 256 + 8;
    static final int PAYLOAD_SIZE = HEADERS + 256 + 16;
    private static final int HEADERS_BYTES = 288;

    /** Two struct iovec: the headers and the payload. */
    private static final int VECTORS = 512;

    private static final int VECTOR_COUNT = 2;

    // enum fuse_uring_cmd
    private static final int REGISTER = 1;
    private static final int COMMIT_AND_FETCH = 2;

    // struct fuse_uring_cmd_req
    private static final int COMMAND_COMMIT_ID = 8;
    private static final int COMMAND_QUEUE = 16;

    private final Buffers buffers;
    private final MemorySegment memory;
    private final int device;
    private final short queue;

    /**
     * @param device descriptor of the connection
     * @param queue number of the CPU whose requests it gets
     */
    RingEntry(Buffers buffers, int device, int queue) {
        this.buffers = buffers;
        this.memory = buffers.memory;
        this.device = device;
        this.queue = (short) queue;
    }

    /** Fills the request that makes it known to the kernel; it completes when a request arrived. */
    void register(Sqe sqe) {
        memory.set(JAVA_LONG, VECTORS, buffers.address + HEADERS);
        memory.set(JAVA_LONG, VECTORS + 8, HEADERS_BYTES);
        memory.set(JAVA_LONG, VECTORS + 16, buffers.address + Buffers.PAYLOAD_START);
        memory.set(JAVA_LONG, VECTORS + 24, Buffers.PAYLOAD_BYTES);
        sqe.uringCommand(device, REGISTER)
                .address(buffers.address + VECTORS)
                .length(VECTOR_COUNT)
                .command(COMMAND_QUEUE, queue);
    }

    /** A request has arrived: it is put together. */
    void arrived(Request request) {
        int lengthBytes = memory.get(JAVA_INT, IN_OUT);
        int fixedBytes = lengthBytes - Buffers.IN_HEADER_BYTES - memory.get(JAVA_INT, PAYLOAD_SIZE);
        if (fixedBytes < 0 || fixedBytes > OPERATION_BYTES) {
            throw new MalformedRequestException(
                    "a request of " + lengthBytes + " bytes has a structure of " + fixedBytes);
        }
        int start = Buffers.PAYLOAD_START - fixedBytes - Buffers.IN_HEADER_BYTES;
        MemorySegment.copy(memory, IN_OUT, memory, start, Buffers.IN_HEADER_BYTES);
        MemorySegment.copy(memory, OPERATION, memory, start + Buffers.IN_HEADER_BYTES, fixedBytes);
        request.arrivedAt(start, lengthBytes);
    }

    /** The number of the request that arrived last. */
    long unique() {
        return memory.get(JAVA_LONG, COMMIT_ID);
    }

    /** Puts a reply where the kernel takes it. */
    void put(Reply reply) {
        int body = reply.start() + Buffers.OUT_HEADER_BYTES;
        int bodyBytes = reply.lengthBytes() - Buffers.OUT_HEADER_BYTES;
        MemorySegment.copy(memory, reply.start(), memory, IN_OUT, Buffers.OUT_HEADER_BYTES);
        if (body != Buffers.PAYLOAD_START && bodyBytes > 0) {
            MemorySegment.copy(memory, body, memory, Buffers.PAYLOAD_START, bodyBytes);
        }
        memory.set(JAVA_INT, PAYLOAD_SIZE, bodyBytes);
    }

    /** Fills the request that gives the kernel what was put, and asks for what comes next. */
    void commit(Sqe sqe) {
        sqe.uringCommand(device, COMMIT_AND_FETCH)
                .command(COMMAND_COMMIT_ID, unique())
                .command(COMMAND_QUEUE, queue);
    }
}
