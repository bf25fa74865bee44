package io.arcfs.tier;

import java.util.List;

/**
 * How much of each file stays on the SSD for programs that only look at it. Immutable.
 *
 * @param headBytes from the beginning of a file
 * @param tailBytes before its end
 * @param indexBytes the most of an index that a format has elsewhere, such as a film's
 * @param sharePercent the most that all heads take of the SSD's limit
 * @param patterns names for which head and tail are others; the first that fits counts
 */
public record HeadSettings(
        long headBytes,
        long tailBytes,
        long indexBytes,
        int sharePercent,
        List<NamePattern> patterns) {
    /**
     * 256 KiB and 64 KiB: what a listing or a probe of a file with the kernel's read-ahead behind
     * it touches.
     */
    public static final HeadSettings DEFAULT =
            new HeadSettings(256 << 10, 64 << 10, 16 << 20, 10, List.of());

    /** Nothing is kept. */
    public static final HeadSettings NONE = new HeadSettings(0, 0, 0, 0, List.of());

    public HeadSettings {
        patterns = List.copyOf(patterns);
        if (headBytes < 0 || tailBytes < 0 || indexBytes < 0) {
            throw new IllegalArgumentException("heads of less than no bytes");
        }
        if (sharePercent < 0 || sharePercent > 90) {
            throw new IllegalArgumentException(
                    "heads.share is " + sharePercent + ": it must be between 0 and 90 percent");
        }
    }

    /**
     * What is kept of files of certain names.
     *
     * @param glob such as {@code *.iso}, matched against the last name of the path
     */
    public record NamePattern(String glob, long headBytes, long tailBytes) {}
}
