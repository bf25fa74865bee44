package io.arcfs.ublk;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Answers that other threads gave, on their way to the queue's thread: a lock-free stack whose
 * links are an array by tag, so that nothing is allocated. A tag is on it at most once. {@link
 * #push} is thread-safe, {@link #drain} is the queue's thread's.
 */
final class AnswerStack {
    private static final int EMPTY = -1;

    private final AtomicInteger top = new AtomicInteger(EMPTY);
    private final AtomicIntegerArray below;
    private final int[] results;

    AnswerStack(int tags) {
        below = new AtomicIntegerArray(tags);
        results = new int[tags];
    }

    /** Returns whether it was empty, so that somebody must wake the queue's thread. */
    boolean push(int tag, int result) {
        results[tag] = result;
        int seen;
        do {
            seen = top.get();
            below.set(tag, seen);
        } while (!top.compareAndSet(seen, tag)); // publishes the result, too
        return seen == EMPTY;
    }

    /** Takes an answer. */
    @FunctionalInterface
    interface Taker {
        void take(int tag, int result);
    }

    void drain(Taker taker) {
        if (top.get() == EMPTY) {
            return;
        }
        int tag = top.getAndSet(EMPTY);
        while (tag != EMPTY) {
            // Read first: once committed, the tag may be pushed again.
            int next = below.get(tag);
            taker.take(tag, results[tag]);
            tag = next;
        }
    }
}
