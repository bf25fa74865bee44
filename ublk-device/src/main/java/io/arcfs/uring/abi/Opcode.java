package io.arcfs.uring.abi;

/** {@code enum io_uring_op}: what an SQE asks for. Only what is used here. */
public final class Opcode {
    public static final byte NOP = 0;
    public static final byte READV = 1;
    public static final byte WRITEV = 2;
    public static final byte FSYNC = 3;
    public static final byte READ_FIXED = 4;
    public static final byte WRITE_FIXED = 5;
    public static final byte POLL_ADD = 6;
    public static final byte POLL_REMOVE = 7;
    public static final byte TIMEOUT = 11;
    public static final byte TIMEOUT_REMOVE = 12;
    public static final byte ASYNC_CANCEL = 14;
    public static final byte LINK_TIMEOUT = 15;
    public static final byte FALLOCATE = 17;
    public static final byte READ = 22;
    public static final byte WRITE = 23;
    public static final byte MSG_RING = 40;
    public static final byte URING_CMD = 46;

    private Opcode() {}
}
