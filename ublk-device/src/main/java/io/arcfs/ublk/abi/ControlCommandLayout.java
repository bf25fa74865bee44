package io.arcfs.ublk.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/** {@code struct ublksrv_ctrl_cmd}: the payload of a control command, in an SQE of 128 bytes. */
public final class ControlCommandLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("dev_id"),
                    JAVA_SHORT.withName("queue_id"),
                    JAVA_SHORT.withName("len"),
                    JAVA_LONG.withName("addr"),
                    JAVA_LONG.withName("data"),
                    JAVA_SHORT.withName("dev_path_len"),
                    MemoryLayout.paddingLayout(6));

    public static final long DEV_ID = offset("dev_id");
    public static final long QUEUE_ID = offset("queue_id");
    public static final long LEN = offset("len");
    public static final long ADDR = offset("addr");
    public static final long DATA = offset("data");
    public static final long DEV_PATH_LEN = offset("dev_path_len");

    private ControlCommandLayout() {}

    private static long offset(String field) {
        return LAYOUT.byteOffset(PathElement.groupElement(field));
    }
}
