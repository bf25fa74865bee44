package io.arcfs.overlay;

/** Which merges happen by themselves. */
public enum MergePolicy {
    /** When enough layers stand above the base, base and layers become one image. */
    BASE,
    /**
     * Images of about one size become one when there are enough of them: each image is written
     * again only as often as the volume quadruples, for a few more layers to look through.
     */
    TIERED,
    /** None. */
    MANUAL
}
