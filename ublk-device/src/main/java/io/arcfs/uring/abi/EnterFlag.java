package io.arcfs.uring.abi;

/** Flags of {@code io_uring_enter}, and the bits the kernel raises in the ring for us. */
public final class EnterFlag {
    public static final int GETEVENTS = 1;
    public static final int SQ_WAKEUP = 1 << 1;
    public static final int SQ_WAIT = 1 << 2;
    public static final int EXT_ARG = 1 << 3;

    /** In the SQ flags: the poller sleeps, enter must wake it. */
    public static final int SQ_NEED_WAKEUP = 1;

    /** In the SQ flags: completions wait in the kernel because the CQ was full. */
    public static final int SQ_CQ_OVERFLOW = 1 << 1;

    /** In the SQ flags: completions wait for this task to enter. */
    public static final int SQ_TASKRUN = 1 << 2;

    private EnterFlag() {}
}
