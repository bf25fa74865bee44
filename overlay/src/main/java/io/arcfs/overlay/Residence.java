package io.arcfs.overlay;

import io.arcfs.tier.RecallEstimate;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of files are. Immutable.
 *
 * @param files regular files that were looked at
 * @param sizeBytes of them together
 * @param upperBytes that are in append files, on SSD, and in no container yet
 * @param archivedBytes that are in containers; the rest are holes
 * @param recall what bringing all of it to the SSD would take; null where nobody can tell
 */
public record Residence(
        State state,
        long files,
        long sizeBytes,
        long upperBytes,
        long archivedBytes,
        @Nullable RecallEstimate recall) {
    /** What a user sees as {@code user.arc.state}. */
    public enum State {
        /** Not archived yet, wholly or in its newest part; all of it is on SSD. */
        UPPER("upper"),
        /** Archived, and all of it is on SSD. */
        SSD("ssd"),
        /** Some of it is on cold media only. */
        PARTIAL("partial"),
        /** All of it is on cold media only. */
        COLD("cold");

        private final String word;

        State(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }
}
