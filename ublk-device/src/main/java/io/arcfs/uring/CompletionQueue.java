package io.arcfs.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.uring.abi.CqeLayout;
import io.arcfs.uring.abi.RingMemory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** Our side of the completion queue. Confined to the ring's thread. */
final class CompletionQueue {
    private static final VarHandle WORD = JAVA_INT.varHandle().withInvokeExactBehavior();

    private final MemorySegment head;
    private final MemorySegment tail;
    private final MemorySegment overflow;
    private final MemorySegment cqes;
    private final int mask;
    private int localHead;

    CompletionQueue(RingMemory ring) {
        head = ring.cqHead();
        tail = ring.cqTail();
        overflow = ring.cqOverflow();
        cqes = ring.cqes();
        mask = ring.cqEntries() - 1;
    }

    boolean isEmpty() {
        return kernelTail() == localHead;
    }

    int ready() {
        return kernelTail() - localHead;
    }

    /** Completions that the kernel dropped; 0 on every kernel with FEAT_NODROP (R3). */
    int dropped() {
        return (int) WORD.getAcquire(overflow, 0L);
    }

    /**
     * Hands out what is there now. A completion's place is free before its handler runs, so a
     * handler that submits cannot fill the queue with what it has already seen.
     */
    int drain(IoUring ring, CompletionHandler handler) {
        int end = kernelTail(); // R1: the CQEs up to here are written
        int count = end - localHead;
        while (localHead != end) {
            long at = (localHead & mask) * CqeLayout.SIZE_BYTES;
            long userData = cqes.get(JAVA_LONG, at + CqeLayout.USER_DATA);
            int result = cqes.get(JAVA_INT, at + CqeLayout.RES);
            int flags = cqes.get(JAVA_INT, at + CqeLayout.FLAGS);
            localHead++;
            WORD.setRelease(head, 0L, localHead); // R1: the CQE is read before
            ring.dispatch(handler, userData, result, flags);
        }
        return count;
    }

    private int kernelTail() {
        return (int) WORD.getAcquire(tail, 0L);
    }
}
