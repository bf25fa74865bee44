package io.arcfs.uring;

import java.io.IOException;

/** How a ring is set up; which of them a kernel takes is found by {@link #isUsable}. */
public enum SetupFlag {
    /** Completions are polled from the device; only O_DIRECT I/O on devices that can. */
    IOPOLL(0),
    /** A kernel thread takes the requests; no system call to submit. */
    SQPOLL(1),
    /** Entries beyond the kernel's limit are cut instead of refused. */
    CLAMP(4),
    /** Takes no request before {@link IoUring#enable}. */
    R_DISABLED(6),
    /** One refused request does not end the submission of those behind it. */
    SUBMIT_ALL(7),
    /** Completions do not interrupt the task; they wait until it enters the kernel anyway. */
    COOP_TASKRUN(8),
    /** With COOP_TASKRUN: says in the ring that completions wait. */
    TASKRUN_FLAG(9),
    /** SQEs of 128 bytes, with 80 bytes of command. */
    SQE128(10),
    /** Only one task ever submits. */
    SINGLE_ISSUER(12),
    /** Completions are worked off only when the task asks for them; needs SINGLE_ISSUER. */
    DEFER_TASKRUN(13);

    private final int bit;

    SetupFlag(int bit) {
        this.bit = bit;
    }

    int mask() {
        return 1 << bit;
    }

    /** Whether this kernel makes a ring with these flags for this user. */
    public static boolean isUsable(SetupFlag... flags) {
        try (IoUring _ = IoUring.open(RingSetup.entries(2).with(flags))) {
            return true;
        } catch (IOException e) {
            return false; // what the caller asked
        }
    }
}
