package io.arcfs.fuse.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A reader's memory: where a request arrives and where its reply is made.
 *
 * <pre>
 *   | page                       | 256 pages             | page          |
 *   |      in_header, write_in --| payload               | short replies |
 *   |              out_header  --|                       | out_header -- |
 * </pre>
 *
 * <p>The payload of a WRITE arrives page-aligned behind its 80 bytes of headers, and that of a READ
 * leaves from the same place behind its 16: both are one system call without a vector, and both are
 * fit for direct I/O. Confined to its reader.
 */
final class Buffers {
    static final int PAGE_BYTES = 4096;

    /** The largest payload: what max_pages allows. */
    static final int PAYLOAD_BYTES = 1 << 20;

    static final int IN_HEADER_BYTES = 40;
    static final int OUT_HEADER_BYTES = 16;

    /** in_header and write_in. */
    private static final int REQUEST_HEAD_BYTES = 80;

    static final int REQUEST_START = PAGE_BYTES - REQUEST_HEAD_BYTES;
    static final int PAYLOAD_START = PAGE_BYTES;
    static final int SHORT_START = PAYLOAD_START + PAYLOAD_BYTES;
    static final int SHORT_BYTES = PAGE_BYTES;
    static final int REQUEST_BYTES = REQUEST_HEAD_BYTES + PAYLOAD_BYTES;

    final MemorySegment memory;
    final long address;

    private final @Nullable MemorySegment[] payloads =
            new MemorySegment[PAYLOAD_BYTES / PAGE_BYTES + 1];
    private MemorySegment lastPayload;

    Buffers(Arena arena) {
        memory = arena.allocate(SHORT_START + SHORT_BYTES, PAGE_BYTES);
        address = memory.address();
        lastPayload = memory.asSlice(PAYLOAD_START, 0);
    }

    /** The first {@code lengthBytes} of the payload; the same object for the same usual length. */
    MemorySegment payload(int lengthBytes) {
        if (lengthBytes % PAGE_BYTES != 0) {
            if (lastPayload.byteSize() != lengthBytes) {
                lastPayload = memory.asSlice(PAYLOAD_START, lengthBytes);
            }
            return lastPayload;
        }
        MemorySegment known = payloads[lengthBytes / PAGE_BYTES];
        if (known == null) {
            known = memory.asSlice(PAYLOAD_START, lengthBytes);
            payloads[lengthBytes / PAGE_BYTES] = known;
        }
        return known;
    }
}
