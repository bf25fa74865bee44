package io.arcfs.tier.head;

import io.arcfs.tier.HeadExtent.Kind;

/**
 * A head inside its container. Immutable.
 *
 * @param offset in the container, a multiple of the block
 * @param length a multiple of the block
 */
public record HeadRun(long offset, int length, Kind kind) {
    public HeadRun {
        if (offset < 0 || length <= 0) {
            throw new IllegalArgumentException("head of " + length + " bytes at " + offset);
        }
    }

    long end() {
        return offset + length;
    }

    HeadRun part(long from, long to) {
        return new HeadRun(from, Math.toIntExact(to - from), kind);
    }
}
