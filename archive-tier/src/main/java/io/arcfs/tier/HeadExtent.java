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
        HEAD(0),
        /** The end of a file, or an index inside it: worth nothing in part. */
        INDEX(1);

        private final int persistentId;

        Kind(int persistentId) {
            this.persistentId = persistentId;
        }

        /** The number written to disk; never reused for another kind. */
        public int persistentId() {
            return persistentId;
        }

        /**
         * @throws IllegalArgumentException if no kind has that number
         */
        public static Kind ofPersistentId(int id) {
            for (Kind kind : values()) {
                if (kind.persistentId == id) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("no kind of head has number " + id);
        }
    }
}
