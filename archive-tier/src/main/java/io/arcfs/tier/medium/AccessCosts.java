package io.arcfs.tier.medium;

import java.time.Duration;

/**
 * What touching a medium takes, as far as it is known: for telling people beforehand, and for
 * deciding how much to read when the medium is where it should be. Immutable.
 *
 * @param mount before anything can be read
 * @param locate from one end to the other
 * @param bytesPerSecond where it stands
 * @param spanBytes distance between the ends
 */
public record AccessCosts(Duration mount, Duration locate, long bytesPerSecond, long spanBytes) {
    /** Any movement takes at least this part of the whole way. */
    private static final int SETTLE_PARTS = 60;

    /** Time to get from one position to another: settling, then by distance; none for staying. */
    public Duration locate(long from, long to) {
        long distance = Math.min(Math.abs(to - from), spanBytes);
        if (distance == 0) {
            return Duration.ZERO;
        }
        long settle = locate.toNanos() / SETTLE_PARTS;
        double part = (double) distance / spanBytes;
        return Duration.ofNanos(settle + (long) ((locate.toNanos() - settle) * part));
    }

    public Duration transfer(long bytes) {
        return Duration.ofNanos((long) (bytes * 1e9 / bytesPerSecond));
    }
}
