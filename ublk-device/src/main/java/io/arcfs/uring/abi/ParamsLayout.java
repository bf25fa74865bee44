package io.arcfs.uring.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/** {@code struct io_uring_params}, with its two structs of offsets drawn flat. */
public final class ParamsLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("sq_entries"),
                    JAVA_INT.withName("cq_entries"),
                    JAVA_INT.withName("flags"),
                    JAVA_INT.withName("sq_thread_cpu"),
                    JAVA_INT.withName("sq_thread_idle"),
                    JAVA_INT.withName("features"),
                    JAVA_INT.withName("wq_fd"),
                    MemoryLayout.paddingLayout(12),
                    JAVA_INT.withName("sq_off.head"),
                    JAVA_INT.withName("sq_off.tail"),
                    JAVA_INT.withName("sq_off.ring_mask"),
                    JAVA_INT.withName("sq_off.ring_entries"),
                    JAVA_INT.withName("sq_off.flags"),
                    JAVA_INT.withName("sq_off.dropped"),
                    JAVA_INT.withName("sq_off.array"),
                    MemoryLayout.paddingLayout(12),
                    JAVA_INT.withName("cq_off.head"),
                    JAVA_INT.withName("cq_off.tail"),
                    JAVA_INT.withName("cq_off.ring_mask"),
                    JAVA_INT.withName("cq_off.ring_entries"),
                    JAVA_INT.withName("cq_off.overflow"),
                    JAVA_INT.withName("cq_off.cqes"),
                    JAVA_INT.withName("cq_off.flags"),
                    MemoryLayout.paddingLayout(12));

    public static final long SQ_ENTRIES = offset("sq_entries");
    public static final long CQ_ENTRIES = offset("cq_entries");
    public static final long FLAGS = offset("flags");
    public static final long SQ_THREAD_IDLE = offset("sq_thread_idle");
    public static final long FEATURES = offset("features");
    public static final long SQ_HEAD = offset("sq_off.head");
    public static final long SQ_TAIL = offset("sq_off.tail");
    public static final long SQ_FLAGS = offset("sq_off.flags");
    public static final long SQ_ARRAY = offset("sq_off.array");
    public static final long CQ_HEAD = offset("cq_off.head");
    public static final long CQ_TAIL = offset("cq_off.tail");
    public static final long CQ_OVERFLOW = offset("cq_off.overflow");
    public static final long CQ_CQES = offset("cq_off.cqes");

    private ParamsLayout() {}

    private static long offset(String field) {
        return LAYOUT.byteOffset(PathElement.groupElement(field));
    }
}
