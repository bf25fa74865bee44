package io.arcfs.uring.abi;

import io.arcfs.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The three system calls of io_uring, by whichever way. Results below 0 are negative error numbers;
 * nothing is retried here. Thread-safe; a ring's own rules apply to the ring.
 */
public interface RingCalls {
    /**
     * {@code liburing.so.2} where it is there and has what is needed, the system calls otherwise.
     */
    static RingCalls best() {
        return LibUring.find().<RingCalls>map(library -> library).orElseGet(DirectCalls::new);
    }

    /** A name for messages and tests. */
    String name();

    /**
     * Makes a ring and maps it.
     *
     * @param params {@link ParamsLayout}, filled by the caller, completed by the kernel
     * @param life the segments of the result live as long as this
     */
    RingMemory setup(int entries, MemorySegment params, Arena life) throws PosixException;

    /** Returns how many SQEs the kernel took; may block for completions when flags ask for them. */
    int enter(RingMemory ring, int submit, int wait, int flags, long argument, long argumentBytes);

    int register(RingMemory ring, int operation, long argument, int count);

    /** Unmaps and closes; no segment of the ring may be touched afterwards. */
    void exit(RingMemory ring);
}
