package io.arcfs.ublk.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/** {@code struct ublksrv_ctrl_dev_info}. */
public final class DeviceInfoLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    JAVA_SHORT.withName("nr_hw_queues"),
                    JAVA_SHORT.withName("queue_depth"),
                    JAVA_SHORT.withName("state"),
                    MemoryLayout.paddingLayout(2),
                    JAVA_INT.withName("max_io_buf_bytes"),
                    JAVA_INT.withName("dev_id"),
                    JAVA_INT.withName("ublksrv_pid"),
                    MemoryLayout.paddingLayout(4),
                    JAVA_LONG.withName("flags"),
                    JAVA_LONG.withName("ublksrv_flags"),
                    JAVA_INT.withName("owner_uid"),
                    JAVA_INT.withName("owner_gid"),
                    MemoryLayout.paddingLayout(16));

    public static final long NR_HW_QUEUES = offset("nr_hw_queues");
    public static final long QUEUE_DEPTH = offset("queue_depth");
    public static final long STATE = offset("state");
    public static final long MAX_IO_BUF_BYTES = offset("max_io_buf_bytes");
    public static final long DEV_ID = offset("dev_id");
    public static final long UBLKSRV_PID = offset("ublksrv_pid");
    public static final long FLAGS = offset("flags");
    public static final long UBLKSRV_FLAGS = offset("ublksrv_flags");
    public static final long OWNER_UID = offset("owner_uid");
    public static final long OWNER_GID = offset("owner_gid");

    private DeviceInfoLayout() {}

    private static long offset(String field) {
        return LAYOUT.byteOffset(PathElement.groupElement(field));
    }
}
