package io.arcfs.tier.head;

import io.arcfs.tier.HeadExtent.Kind;

/** A range of a file that is worth keeping on the SSD. */
public record FileRange(long offset, long length, Kind kind) {
    /** From one offset to another, inside the file. */
    static FileRange index(long from, long to, long size) {
        long start = Math.clamp(from, 0, size);
        return new FileRange(start, Math.max(0, Math.min(to, size) - start), Kind.INDEX);
    }
}
