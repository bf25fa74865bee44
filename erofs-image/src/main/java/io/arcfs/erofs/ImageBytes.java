package io.arcfs.erofs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The bytes of an image and the one place that says whether a range lies within them. Thread-safe.
 */
final class ImageBytes {
    final MemorySegment segment;
    private final String name;

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
