package io.arcfs.erofs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an image and the one place that says whether a range lies within them. Thread-safe.
 */
final class ImageBytes {
    final MemorySegment segment;
    private final String name;

    /** Read in every round of {@link #settle}, so that no compiler knows how many come. */
    private volatile int rounds = 2;

    ImageBytes(MemorySegment segment, String name) {
        this.segment = segment;
        this.name = name;
    }

    String name() {
        return name;
    }

    long size() {
        return segment.byteSize();
    }

    /** Throws unless all {@code length} bytes at {@code offset} exist; both may be any number. */
    void require(long offset, long length, String what) throws CorruptImageException {
        if (offset < 0 || length < 0 || offset > size() - length) {
            throw corrupt(
                    offset, what + " of " + length + " bytes runs beyond the image of " + size());
        }
    }

    CorruptImageException corrupt(long offset, String reason) {
        return new CorruptImageException(offset, reason + " (" + name + ")");
    }

    /**
     * What to throw for the error that the JVM gives when the file of a mapping became shorter: its
     * pages are gone, and with them any place that could be named.
     */
    CorruptImageException vanished(InternalError error) {
        if (!String.valueOf(error.getMessage()).contains("unsafe memory access")) {
            throw error;
        }
        CorruptImageException vanished =
                corrupt(size(), "the image became shorter while it was read, or its medium failed");
        vanished.initCause(error);
        return vanished;
    }

    /**
     * Gives back a value that was read, once it is certain. Compiled code goes on behind an access
     * to a page that is gone; the JVM throws the error at the next safepoint, which could lie
     * behind the {@code try} that waits for it. So there is one here.
     */
    <T extends @Nullable Object> T settled(T value) {
        settle();
        return value;
    }

    long settled(long value) {
        settle();
        return value;
    }

    int settled(int value) {
        settle();
        return value;
    }

    boolean settled(boolean value) {
        settle();
        return value;
    }

    /**
     * What {@link #settled(Object)} does where there is no value to give back. A loop whose end is
     * not known has a safepoint where it jumps back.
     */
    void settle() {
        int round = rounds;
        while (round > 0) {
            round = Math.min(round - 1, rounds);
        }
    }

    byte[] copy(long offset, int length) {
        byte[] copy = new byte[length];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, copy, 0, length);
        return copy;
    }

    boolean matches(long offset, byte[] expected, int from, int length) {
        for (int i = 0; i < length; i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, offset + i) != expected[from + i]) {
                return false;
            }
        }
        return true;
    }
}
