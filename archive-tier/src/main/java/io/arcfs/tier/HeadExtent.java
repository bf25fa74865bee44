package io.arcfs.tier;

/**
 * A range of the device that programs read before they really read: it stays on the SSD when the
 * rest of its container goes.
 *
 * @param extent where it lies; rounded to whole blocks
 * @param kind what it is of its file
 */
public record HeadExtent(DeviceExtent extent, Kind kind) {
    /** What may become of a head when the share of the heads is full. */
    public enum Kind {
        /** The beginning of a file: its own beginning is worth the most, so it may be cut. */
        HEAD,
        /** The end of a file, or an index inside it: worth nothing in part. */
        INDEX
    }
}
