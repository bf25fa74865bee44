package io.arcfs.ublk.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/** {@code struct ublksrv_io_cmd}: the payload of a command about one tag. */
public final class IoCommandLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    JAVA_SHORT.withName("q_id"),
                    JAVA_SHORT.withName("tag"),
                    JAVA_INT.withName("result"),
                    JAVA_LONG.withName("addr"));

    public static final long Q_ID = offset("q_id");
    public static final long TAG = offset("tag");
    public static final long RESULT = offset("result");
    public static final long ADDR = offset("addr");

    /** A completion's result: the data of a write are asked for. */
    public static final int NEED_GET_DATA = 1;

    /** Where the bytes of a request are read and written on the character device (USER_COPY). */
    public static final long USER_COPY_BASE = 0x80000000L;

    private static final int USER_COPY_TAG_SHIFT = 25;
    private static final int USER_COPY_QUEUE_SHIFT = 41;

    private IoCommandLayout() {}

    public static long userCopyPosition(int queue, int tag) {
        return USER_COPY_BASE
                + ((long) queue << USER_COPY_QUEUE_SHIFT)
                + ((long) tag << USER_COPY_TAG_SHIFT);
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(PathElement.groupElement(field));
    }
}
