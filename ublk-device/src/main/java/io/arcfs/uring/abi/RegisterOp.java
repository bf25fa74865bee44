package io.arcfs.uring.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/** What {@code io_uring_register} can do, and the structs it takes. Only what is used here. */
public final class RegisterOp {
    public static final int BUFFERS = 0;
    public static final int UNREGISTER_BUFFERS = 1;
    public static final int FILES = 2;
    public static final int UNREGISTER_FILES = 3;
    public static final int EVENTFD = 4;
    public static final int UNREGISTER_EVENTFD = 5;
    public static final int PROBE = 8;
    public static final int ENABLE_RINGS = 12;
    public static final int FILES2 = 13;
    public static final int FILES_UPDATE2 = 14;
    public static final int BUFFERS2 = 15;
    public static final int BUFFERS_UPDATE = 16;
    public static final int IOWQ_MAX_WORKERS = 19;

    /** In {@link #RSRC_REGISTER}: slots without anything in them yet. */
    public static final int RSRC_SPARSE = 1;

    /** Which operations the kernel knows: header, then 8 bytes each: op, resv, u16 flags, u32. */
    public static final int PROBE_HEADER_BYTES = 16;

    public static final int PROBE_OP_BYTES = 8;
    public static final int PROBE_OPS = 256;
    public static final int PROBE_SUPPORTED = 1;

    public static final StructLayout RSRC_REGISTER =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("nr"),
                    JAVA_INT.withName("flags"),
                    JAVA_LONG.withName("resv2"),
                    JAVA_LONG.withName("data"),
                    JAVA_LONG.withName("tags"));

    public static final StructLayout RSRC_UPDATE2 =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("offset"),
                    JAVA_INT.withName("resv"),
                    JAVA_LONG.withName("data"),
                    JAVA_LONG.withName("tags"),
                    JAVA_INT.withName("nr"),
                    JAVA_INT.withName("resv2"));

    public static final StructLayout IOVEC =
            MemoryLayout.structLayout(
                    JAVA_LONG.withName("iov_base"), JAVA_LONG.withName("iov_len"));

    /** The argument of enter with {@link EnterFlag#EXT_ARG}. */
    public static final StructLayout GETEVENTS_ARG =
            MemoryLayout.structLayout(
                    JAVA_LONG.withName("sigmask"),
                    JAVA_INT.withName("sigmask_sz"),
                    MemoryLayout.paddingLayout(4),
                    JAVA_LONG.withName("ts"));

    private RegisterOp() {}
}
