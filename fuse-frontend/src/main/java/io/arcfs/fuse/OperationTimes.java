package io.arcfs.fuse;

import java.util.List;

/**
 * How long requests of one kind took since somebody began to measure. Immutable.
 *
 * @param counts requests by the bound of {@link #BOUNDS_SECONDS} that they took at most; one more
 *     at the end for those that took longer
 * @param totalSeconds of all together
 */
public record OperationTimes(List<Long> counts, double totalSeconds) {
    /** Upper bounds of the classes, in seconds: factors of four from 10 us to 42 s. */
    public static final List<Double> BOUNDS_SECONDS =
            List.of(
                    0.00001, 0.00004, 0.00016, 0.00064, 0.00256, 0.01024, 0.04096, 0.16384, 0.65536,
                    2.62144, 10.48576, 41.94304);

    public OperationTimes {
        counts = List.copyOf(counts);
    }
}
