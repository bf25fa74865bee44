package io.arcfs.tier.local;

import io.arcfs.tier.Geometry;
import io.arcfs.tier.HeadSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * What a tier needs to know to open. Immutable.
 *
 * @param volumeDirectory holds {@code tier/} and {@code ssd/}
 * @param cold specs of the cold media, see {@link io.arcfs.tier.medium.MediumSpec}
 * @param copies distinct media on which each container is to be
 * @param ssdLimitBytes above it, SSD copies of what is cold are dropped, oldest use first
 * @param recallTimeout how long a reader waits for its objects at most
 * @param destageBytesPerSecond upper bound of what goes to the media; 0: none
 * @param heads what stays on the SSD of each file
 * @param retryDelay pause after a destage no medium took, doubled up to a minute
 */
public record TierOptions(
        Path volumeDirectory,
        UUID volume,
        Geometry geometry,
        List<String> cold,
        int copies,
        long ssdLimitBytes,
        Duration recallTimeout,
        long destageBytesPerSecond,
        Duration retryDelay,
        HeadSettings heads) {
    /** Long enough for a medium that must be mounted behind others. */
    public static final Duration DEFAULT_RECALL_TIMEOUT = Duration.ofMinutes(10);

    public TierOptions {
        cold = List.copyOf(cold);
        if (copies < 1 || copies > cold.size()) {
            throw new IllegalArgumentException(
                    "copies is "
                            + copies
                            + ": it must be between 1 and the number of cold media ("
                            + cold.size()
                            + ")");
        }
        if (ssdLimitBytes < 0) {
            throw new IllegalArgumentException("ssdLimitBytes is negative: " + ssdLimitBytes);
        }
        if (recallTimeout.isNegative() || recallTimeout.isZero()) {
            throw new IllegalArgumentException("recallTimeout is " + recallTimeout);
        }
        if (retryDelay.isNegative() || retryDelay.isZero()) {
            throw new IllegalArgumentException("retryDelay is " + retryDelay);
        }
    }

    /** With the default heads, recall timeout and a retry delay of one second. */
    public TierOptions(
            Path volumeDirectory,
            UUID volume,
            Geometry geometry,
            List<String> cold,
            int copies,
            long ssdLimitBytes) {
        this(volumeDirectory, volume, geometry, cold, copies, ssdLimitBytes, HeadSettings.DEFAULT);
    }

    /** With the default recall timeout and a retry delay of one second. */
    public TierOptions(
            Path volumeDirectory,
            UUID volume,
            Geometry geometry,
            List<String> cold,
            int copies,
            long ssdLimitBytes,
            HeadSettings heads) {
        this(
                volumeDirectory,
                volume,
                geometry,
                cold,
                copies,
                ssdLimitBytes,
                DEFAULT_RECALL_TIMEOUT,
                0,
                Duration.ofSeconds(1),
                heads);
    }

    /** The most that heads take of the SSD. */
    long headShareBytes() {
        return ssdLimitBytes / 100 * heads.sharePercent();
    }
}
