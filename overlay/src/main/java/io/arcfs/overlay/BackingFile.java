package io.arcfs.overlay;

import java.util.function.IntUnaryOperator;

/**
 * A file of the machine that holds all bytes of one of ours, at the same offsets, and goes on doing
 * so until it is released. Thread-safe.
 */
public interface BackingFile {
    /** Calls with its descriptor, which is open during the call and nobody else's to close. */
    int withDescriptor(IntUnaryOperator use);

    /** Idempotent. */
    void release();
}
