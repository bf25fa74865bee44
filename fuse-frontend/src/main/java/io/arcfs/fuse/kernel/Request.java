package io.arcfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.overlay.FileSystem.Caller;
import java.lang.foreign.MemorySegment;

/**
 * A view of the request that lies in a reader's buffer ({@code struct fuse_in_header} and what
 * follows). Positions are bytes behind the header. Owns no memory; confined to its reader.
 */
final class Request {
    private static final int LENGTH = 0;
    private static final int OPCODE = 4;
    private static final int UNIQUE = 8;
    private static final int NODE_ID = 16;
    private static final int UID = 24;
    private static final int GID = 28;
    private static final int PID = 32;

    private final Buffers buffers;
    private final MemorySegment memory;

    /** Where its header begins. */
    private int start = Buffers.REQUEST_START;

    /** What arrived, header included. */
    private int lengthBytes;

    Request(Buffers buffers) {
        this.buffers = buffers;
        this.memory = buffers.memory;
    }

    /** To be called when read(2) brought a request of that many bytes. */
    void arrived(int bytes) {
        arrivedAt(Buffers.REQUEST_START, bytes);
    }

    /** The same for a request that begins elsewhere; its payload stands where payloads do. */
    void arrivedAt(int place, int bytes) {
        start = place;
        lengthBytes = bytes;
        if (bytes < Buffers.IN_HEADER_BYTES || header(LENGTH) != bytes) {
            throw new MalformedRequestException(
                    "a request of " + bytes + " bytes says it has " + header(LENGTH));
        }
    }

    private int header(int field) {
        return memory.get(JAVA_INT, start + field);
    }

    private long headerLong(int field) {
        return memory.get(JAVA_LONG, start + field);
    }

    int opcode() {
        return header(OPCODE);
    }

    /** The request's number, given back with the reply. */
    long unique() {
        return headerLong(UNIQUE);
    }

    /** What the kernel calls the inode it is about. */
    long nodeId() {
        return headerLong(NODE_ID);
    }

    /** The inode it is about. */
    long inode() {
        return NodeIds.inodeOf(nodeId());
    }

    int uid() {
        return header(UID);
    }

    /** The process that asks; 0 if the kernel asks for itself. */
    int pid() {
        return header(PID);
    }

    /** Who asks, with the umask that the request carries. */
    Caller caller(int umask) {
        return new Caller(uid(), header(GID), umask);
    }

    /** An inode that is named in the body by its node id. */
    long inodeAt(int position) {
        return NodeIds.inodeOf(longAt(position));
    }

    int intAt(int position) {
        return memory.get(JAVA_INT, checked(position, Integer.BYTES));
    }

    long longAt(int position) {
        return memory.get(JAVA_LONG, checked(position, Long.BYTES));
    }

    /** Bytes behind the header. */
    int bodyBytes() {
        return lengthBytes - Buffers.IN_HEADER_BYTES;
    }

    /** The NUL-terminated name at a position, without the NUL. */
    byte[] nameAt(int position) {
        int end = endOfName(position);
        byte[] name = new byte[end - position];
        MemorySegment.copy(memory, JAVA_BYTE, bodyStart() + position, name, 0, name.length);
        return name;
    }

    /** Where the name at a position ends: the place of its NUL. */
    int endOfName(int position) {
        int limit = bodyBytes();
        for (int i = position; i < limit; i++) {
            if (memory.get(JAVA_BYTE, bodyStart() + i) == 0) {
                return i;
            }
        }
        throw new MalformedRequestException("a name of " + Opcode.name(opcode()) + " has no end");
    }

    byte[] bytesAt(int position, int count) {
        int at = checked(position, count);
        byte[] bytes = new byte[count];
        MemorySegment.copy(memory, JAVA_BYTE, at, bytes, 0, count);
        return bytes;
    }

    /** The payload of a WRITE, in place. */
    MemorySegment payload(int bytes) {
        if (bytes < 0 || bytes > lengthBytes - (Buffers.PAYLOAD_START - start)) {
            throw new MalformedRequestException("a write has not the " + bytes + " bytes it says");
        }
        return buffers.payload(bytes);
    }

    private int bodyStart() {
        return start + Buffers.IN_HEADER_BYTES;
    }

    private int checked(int position, int count) {
        if (count < 0 || position < 0 || position > bodyBytes() - count) {
            throw new MalformedRequestException(
                    Opcode.name(opcode()) + " of " + lengthBytes + " bytes is too short");
        }
        return bodyStart() + position;
    }
}
