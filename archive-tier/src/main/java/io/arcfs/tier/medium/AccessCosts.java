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
    /** A disk with heads: what is assumed where nobody says. */
    public static final AccessCosts HARD_DISK =
            new AccessCosts(Duration.ZERO, Duration.ofMillis(15), 150_000_000, 16_000_000_000_000L);

    /** Any movement takes at least this part of the whole way. */
    private static final int SETTLE_PARTS = 60;

    /**
     * Time to get from one position to another: settling, then by distance; onward over a short
     * distance a medium just passes by what lies between, as if it were read.
     */
    public Duration locate(long from, long to) {
        long distance = Math.min(Math.abs(to - from), spanBytes);
        if (distance == 0) {
            return Duration.ZERO;
        }
        long settle = locate.toNanos() / SETTLE_PARTS;
        double part = (double) distance / spanBytes;
        Duration way = Duration.ofNanos(settle + (long) ((locate.toNanos() - settle) * part));
        Duration passing = transfer(distance);
        return to > from && passing.compareTo(way) < 0 ? passing : way;
    }

    public Duration transfer(long bytes) {
        return Duration.ofNanos((long) (bytes * 1e9 / bytesPerSecond));
    }
}
