package io.arcfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A request as the kernel lays it out, made by a test and put where read(2) would put it. */
final class RequestFrame {
    static final int UID = 1001;
    static final int GID = 1002;
    static final int PID = 1003;

    private static final int HEADER_BYTES = 40;

    private ByteBuffer bytes = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);

    private RequestFrame(int opcode, long unique, long nodeId) {
        bytes.putInt(0).putInt(opcode).putLong(unique).putLong(nodeId);
        bytes.putInt(UID).putInt(GID).putInt(PID).putInt(0);
    }

    static RequestFrame of(int opcode, long unique, long nodeId) {
        return new RequestFrame(opcode, unique, nodeId);
    }

    RequestFrame ints(int... values) {
        for (int value : values) {
            bytes.putInt(value);
        }
        return this;
    }

    RequestFrame longs(long... values) {
        for (long value : values) {
            bytes.putLong(value);
        }
        return this;
    }

    /** With its NUL. */
    RequestFrame name(String name) {
        bytes.put(name.getBytes(UTF_8)).put((byte) 0);
        return this;
    }

    RequestFrame raw(byte[] raw) {
        if (bytes.remaining() < raw.length) {
            ByteBuffer larger = ByteBuffer.allocate(bytes.position() + raw.length);
            bytes = larger.order(ByteOrder.LITTLE_ENDIAN).put(bytes.flip());
        }
        bytes.put(raw);
        return this;
    }

    RequestFrame zeros(int count) {
        return raw(new byte[count]);
    }

    int lengthBytes() {
        return bytes.position();
    }

    int bodyBytes() {
        return bytes.position() - HEADER_BYTES;
    }

    /** Arrives whole. */
    Request arrive(Buffers buffers) {
        return arrive(buffers, lengthBytes());
    }

    /**
     * Arrives at an entry of a ring: header, fixed structure and the rest in three places.
     *
     * @param fixedBytes length of the structure
     */
    Request arriveAtRing(Buffers buffers, int fixedBytes) {
        int restBytes = bodyBytes() - fixedBytes;
        bytes.putInt(0, lengthBytes());
        buffers.memory.asSlice(0, 2 * Buffers.PAGE_BYTES).fill((byte) 0x5a);
        MemorySegment whole = MemorySegment.ofArray(bytes.array());
        MemorySegment memory = buffers.memory;
        MemorySegment.copy(whole, 0, memory, RingEntry.IN_OUT, HEADER_BYTES);
        MemorySegment.copy(whole, HEADER_BYTES, memory, RingEntry.OPERATION, fixedBytes);
        MemorySegment.copy(
                whole, HEADER_BYTES + fixedBytes, memory, Buffers.PAYLOAD_START, restBytes);
        memory.set(JAVA_INT, RingEntry.PAYLOAD_SIZE, restBytes);
        memory.set(JAVA_LONG, RingEntry.COMMIT_ID, bytes.getLong(8));
        Request request = new Request(buffers);
        new RingEntry(buffers, 0, 0).arrived(request);
        return request;
    }

    /** Arrives cut after so many bytes, with a header that says so. */
    Request arrive(Buffers buffers, int lengthBytes) {
        bytes.putInt(0, lengthBytes);
        buffers.memory.asSlice(0, 2 * Buffers.PAGE_BYTES).fill((byte) 0x5a);
        MemorySegment.copy(
                MemorySegment.ofArray(bytes.array()),
                0,
                buffers.memory,
                Buffers.REQUEST_START,
                lengthBytes);
        Request request = new Request(buffers);
        request.arrived(lengthBytes);
        return request;
    }
}
