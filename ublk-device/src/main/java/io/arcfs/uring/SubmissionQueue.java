package io.arcfs.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.arcfs.uring.abi.RingMemory;
import io.arcfs.uring.abi.SqeLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * Our side of the submission queue: slots that are filled, then shown to the kernel by its tail.
 * Head and tail count up and wrap at 32 bits. Confined to the ring's thread.
 */
final class SubmissionQueue {
    private static final VarHandle WORD = JAVA_INT.varHandle().withInvokeExactBehavior();

    private final MemorySegment head;
    private final MemorySegment tail;
    private final MemorySegment flags;
    private final int mask;
    private final int entries;
    private final boolean polled;
    private final Sqe sqe;

    /** Slots handed out; the kernel sees them when they are published. */
    private int localTail;

    private int published;

    SubmissionQueue(RingMemory ring, boolean wide, boolean polled) {
        head = ring.sqHead();
        tail = ring.sqTail();
        flags = ring.sqFlags();
        entries = ring.sqEntries();
        mask = entries - 1;
        this.polled = polled;
        sqe = new Sqe(ring.sqes(), (wide ? 2 : 1) * SqeLayout.SIZE_BYTES);
        for (int i = 0; i < entries; i++) {
            ring.sqArray().setAtIndex(JAVA_INT, i, i); // slot i always stands at place i
        }
    }

    boolean isFull() {
        return localTail - kernelHead() == entries;
    }

    Sqe next() {
        sqe.moveTo(localTail & mask);
        localTail++;
        return sqe;
    }

    /** Shows the kernel all filled slots; returns how many it has not yet been told of. */
    int publish() {
        int fresh = localTail - published;
        if (fresh != 0) {
            published = localTail;
            WORD.setRelease(tail, 0L, localTail); // R1: the SQEs are written before
        }
        return fresh;
    }

    /** Published slots that the kernel has not taken. */
    int waiting() {
        return localTail - kernelHead();
    }

    /** Flags that the kernel raises for us. */
    int kernelFlags() {
        if (polled) {
            // The poller writes its flag, then reads the tail; we wrote the tail and read the flag:
            // without a full fence both could see the old value, and nobody would wake anybody.
            VarHandle.fullFence();
        }
        return (int) WORD.getAcquire(flags, 0L);
    }

    private int kernelHead() {
        // R1: what the kernel has read of a slot, it has read before it moved the head. Without a
        // poller the head moves only inside our own enter.
        return (int) WORD.getAcquire(head, 0L);
    }
}
