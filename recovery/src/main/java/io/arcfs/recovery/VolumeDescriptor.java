package io.arcfs.recovery;

import io.arcfs.tier.Geometry;
import io.arcfs.tier.HeadSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What arc.json says: the identity and shape of a volume, and its configuration. Immutable; made
 * only by {@link DescriptorReader}, so every instance is valid (R3).
 *
 * <p>{@code uuid}, {@code created} and {@code geometry} never change in a volume's life.
 *
 * @param cold cold media as written; see {@link ColdSpec}
 * @param heads how much of each file stays on the SSD for programs that only look at it
 * @param copies on how many distinct media each container is placed
 */
public record VolumeDescriptor(
        int formatVersion,
        UUID uuid,
        Instant created,
        Geometry geometry,
        List<ColdSpec> cold,
        int copies,
        Archive archive,
        Merge merge,
        Ssd ssd,
        HeadSettings heads,
        Overwrite overwrite,
        Device device,
        Limits limits,
        Recall recall,
        Metrics metrics) {
    /** The version this code writes and the only one it reads. */
    public static final int FORMAT_VERSION = 1;

    /**
     * When the active upper is sealed.
     *
     * @param maxAge zero: age does not seal
     * @param tailWait how long a round waits for the cold last chunk of a file that grew
     */
    public record Archive(
            long thresholdBytes, Duration maxAge, Duration tailWait, boolean onUnmount) {}

    /** When layers become one. */
    public record Merge(int layers, MergePolicy policy) {}

    /**
     * How much SSD the volume takes.
     *
     * @param limitBytes zero: what the file system has
     * @param fullTimeout how long an append waits for space before it fails
     */
    public record Ssd(long limitBytes, Duration fullTimeout) {}

    /**
     * @param maxMounts volumes mounted at once on this host
     */
    public record Limits(int maxMounts) {}

    /**
     * Who may have cold bytes fetched.
     *
     * @param refuse names of programs whose reads of cold bytes fail at once; so do those of
     *     programs that they start
     */
    public record Recall(List<String> refuse) {
        /** Thumbnailers and indexers: they read everything and need nothing. */
        public static final Recall DEFAULT =
                new Recall(
                        List.of(
                                "tumblerd",
                                "ffmpegthumbnailer",
                                "totem-video-thumbnailer",
                                "gdk-pixbuf-thumbnailer",
                                "glycin-thumbnailer",
                                "evince-thumbnailer",
                                "gsf-office-thumbnailer",
                                "gnome-thumbnail-font",
                                "raw-thumbnailer",
                                "tracker-extract-3",
                                "localsearch-extractor-3",
                                "baloo_file_extractor"));

        public Recall {
            refuse = List.copyOf(refuse);
        }
    }

    /** Where Prometheus may ask. */
    public record Metrics(MetricsAddress listen) {
        public static final Metrics OFF = new Metrics(new MetricsAddress.Off());
    }

    /** Which merges happen by themselves. */
    public enum MergePolicy {
        /** When {@code merge.layers} layers stand above the base, all become one. */
        BASE,
        /** When there are {@code merge.layers} images of about one size. */
        TIERED,
        /** Only {@code arc merge --all}. */
        MANUAL
    }

    /** What becomes of a write below the written end. */
    public enum Overwrite {
        DENY,
        UPPER
    }

    /** Who owns the tier. */
    public enum Device {
        AUTO,
        UBLK,
        INPROCESS
    }
}
