package io.arcfs.uring.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/**
 * {@code struct io_uring} of liburing.so.2, whose inline functions make its fields part of the ABI.
 * Pointers are read as longs.
 *
 * @see <a
 *     href="https://github.com/axboe/liburing/blob/liburing-2.3/src/include/liburing.h">liburing.h</a>
 */
public final class LibUringLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    JAVA_LONG.withName("sq.khead"),
                    JAVA_LONG.withName("sq.ktail"),
                    JAVA_LONG.withName("sq.kring_mask"),
                    JAVA_LONG.withName("sq.kring_entries"),
                    JAVA_LONG.withName("sq.kflags"),
                    JAVA_LONG.withName("sq.kdropped"),
                    JAVA_LONG.withName("sq.array"),
                    JAVA_LONG.withName("sq.sqes"),
                    JAVA_INT.withName("sq.sqe_head"),
                    JAVA_INT.withName("sq.sqe_tail"),
                    JAVA_LONG.withName("sq.ring_sz"),
                    JAVA_LONG.withName("sq.ring_ptr"),
                    JAVA_INT.withName("sq.ring_mask"),
                    JAVA_INT.withName("sq.ring_entries"),
                    MemoryLayout.paddingLayout(8),
                    JAVA_LONG.withName("cq.khead"),
                    JAVA_LONG.withName("cq.ktail"),
                    JAVA_LONG.withName("cq.kring_mask"),
                    JAVA_LONG.withName("cq.kring_entries"),
                    JAVA_LONG.withName("cq.kflags"),
                    JAVA_LONG.withName("cq.koverflow"),
                    JAVA_LONG.withName("cq.cqes"),
                    JAVA_LONG.withName("cq.ring_sz"),
                    JAVA_LONG.withName("cq.ring_ptr"),
                    JAVA_INT.withName("cq.ring_mask"),
                    JAVA_INT.withName("cq.ring_entries"),
                    MemoryLayout.paddingLayout(8),
                    JAVA_INT.withName("flags"),
                    JAVA_INT.withName("ring_fd"),
                    JAVA_INT.withName("features"),
                    JAVA_INT.withName("enter_ring_fd"),
                    MemoryLayout.paddingLayout(8));

    static final long SQ_HEAD = offset("sq.khead");
    static final long SQ_TAIL = offset("sq.ktail");
    static final long SQ_FLAGS = offset("sq.kflags");
    static final long SQ_ARRAY = offset("sq.array");
    static final long SQES = offset("sq.sqes");
    static final long SQE_TAIL = offset("sq.sqe_tail");
    static final long CQ_HEAD = offset("cq.khead");
    static final long CQ_TAIL = offset("cq.ktail");
    static final long CQ_OVERFLOW = offset("cq.koverflow");
    static final long CQES = offset("cq.cqes");
    static final long RING_FD = offset("ring_fd");

    private LibUringLayout() {}

    private static long offset(String field) {
        return LAYOUT.byteOffset(PathElement.groupElement(field));
    }
}
