package io.arcfs.uring.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/**
 * {@code struct io_uring_sqe}, of each union the member whose name is used here.
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/io_uring.h">io_uring.h</a>
 */
public final class SqeLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    JAVA_BYTE.withName("opcode"),
                    JAVA_BYTE.withName("flags"),
                    JAVA_SHORT.withName("ioprio"),
                    JAVA_INT.withName("fd"),
                    JAVA_LONG.withName("off"),
                    JAVA_LONG.withName("addr"),
                    JAVA_INT.withName("len"),
                    JAVA_INT.withName("rw_flags"),
                    JAVA_LONG.withName("user_data"),
                    JAVA_SHORT.withName("buf_index"),
                    JAVA_SHORT.withName("personality"),
                    JAVA_INT.withName("file_index"),
                    JAVA_LONG.withName("addr3"),
                    MemoryLayout.paddingLayout(8));

    public static final long OPCODE = offset("opcode");
    public static final long FLAGS = offset("flags");
    public static final long IOPRIO = offset("ioprio");
    public static final long FD = offset("fd");
    public static final long OFF = offset("off");

    /** Low half of {@code off}: the command of a uring_cmd. */
    public static final long CMD_OP = OFF;

    public static final long ADDR = offset("addr");
    public static final long LEN = offset("len");
    public static final long RW_FLAGS = offset("rw_flags");
    public static final long USER_DATA = offset("user_data");
    public static final long BUF_INDEX = offset("buf_index");
    public static final long FILE_INDEX = offset("file_index");

    /** Where the payload of a uring_cmd begins: 16 bytes, 80 in an SQE of 128. */
    public static final long CMD = offset("addr3");

    public static final long SIZE_BYTES = LAYOUT.byteSize();

    private SqeLayout() {}

    private static long offset(String field) {
        return LAYOUT.byteOffset(PathElement.groupElement(field));
    }
}
