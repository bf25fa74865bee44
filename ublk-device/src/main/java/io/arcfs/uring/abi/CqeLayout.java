package io.arcfs.uring.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/** {@code struct io_uring_cqe} of 16 bytes. */
public final class CqeLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    JAVA_LONG.withName("user_data"),
                    JAVA_INT.withName("res"),
                    JAVA_INT.withName("flags"));

    public static final long USER_DATA = offset("user_data");
    public static final long RES = offset("res");
    public static final long FLAGS = offset("flags");
    public static final long SIZE_BYTES = LAYOUT.byteSize();

    /** More completions of the same request will follow. */
    public static final int F_MORE = 1 << 1;

    private CqeLayout() {}

    private static long offset(String field) {
        return LAYOUT.byteOffset(PathElement.groupElement(field));
    }
}
