package io.arcfs.tier;

import java.util.List;

/**
 * A snapshot for {@code arc status}.
 *
 * @param ssdUsedBytes bytes of SSD that the tier's files take
 * @param headBytes of them for the head cache
 * @param pinnedBytes bytes that are to stay on the SSD because someone asked for it
 * @param oldestCheckSeconds age of the check that is longest ago, of the copies on media; 0: none
 * @param work background work under way
 * @param problems one line each, for people
 */
public record TierStatus(
        int openContainers,
        int stagedContainers,
        int coldContainers,
        int evictedContainers,
        long ssdUsedBytes,
        long headBytes,
        long pinnedBytes,
        long oldestCheckSeconds,
        Recall recall,
        List<Medium> media,
        List<Work> work,
        List<String> problems) {
    /**
     * Recalls: waiting, running, finished since mount; objects and bytes brought back since mount.
     */
    public record Recall(long queued, long running, long done, long objects, long bytes) {}

    /**
     * A cold medium; counters since mount.
     *
     * @param state "ok", "degraded" or "offline"
     * @param objectsRead objects read to serve recalls
     * @param objectsVerified objects read back to verify
     * @param transfers what moves its bytes, and why nothing better does
     */
    public record Medium(
            String spec,
            String state,
            long usedBytes,
            long objectsRead,
            long objectsVerified,
            long objectsWritten,
            String transfers) {
        /** One of which only the descriptor is known. */
        public Medium(
                String spec,
                String state,
                long usedBytes,
                long objectsRead,
                long objectsVerified,
                long objectsWritten) {
            this(spec, state, usedBytes, objectsRead, objectsVerified, objectsWritten, "");
        }
    }

    /** Background work: kind is "destage" or "verify" here. */
    public record Work(String kind, String subject, long doneBytes, long totalBytes) {}
}
