package io.arcfs.overlay;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/** Options of a test's volume: nothing happens by itself unless a test asks for it. */
final class Settings {
    long thresholdBytes = Long.MAX_VALUE;
    Duration maxAge = Duration.ZERO;
    Duration tailWait = Duration.ofSeconds(30);
    MergePolicy mergePolicy = MergePolicy.MANUAL;
    int mergeLayers = 4;
    OverwritePolicy overwrite = OverwritePolicy.DENY;
    long ssdLimitBytes;
    Duration ssdFullTimeout = Duration.ZERO;
    int openFilesMost = 10_000;

    OverlayOptions options(Path volume) {
        return new OverlayOptions(
                volume,
                new UUID(1, 2),
                new byte[0],
                thresholdBytes,
                maxAge,
                tailWait,
                mergePolicy,
                mergeLayers,
                false,
                overwrite,
                ssdLimitBytes,
                ssdFullTimeout,
                openFilesMost,
                Duration.ofHours(1));
    }
}
