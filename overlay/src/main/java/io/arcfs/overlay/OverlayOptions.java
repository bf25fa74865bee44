package io.arcfs.overlay;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/**
 * How an overlay works.
 *
 * @param volume the volume directory
 * @param uuid the volume's identity
 * @param descriptor arc.json as it is, kept in container footers
 * @param archiveThresholdBytes the active layer is archived when it holds that much
 * @param archiveMaxAge it is archived when its first change is that old; zero for never
 * @param archiveTailWait how long a round waits for the cold last chunks of files that grew
 * @param mergePolicy which images are merged without being asked
 * @param mergeLayers how many layers make a merge: above the base, or of one tier
 * @param archiveOnClose whether closing archives what the active layer holds
 * @param overwrite what a write below the written end gets
 * @param ssdLimitBytes how much of the SSD the volume may use; 0 for all
 * @param ssdFullTimeout how long an append waits for space before it fails
 * @param openFilesMost how many files that have a descriptor of their own may be open at once
 * @param commitInterval how often appends are made durable without being asked
 */
public record OverlayOptions(
        Path volume,
        UUID uuid,
        byte[] descriptor,
        long archiveThresholdBytes,
        Duration archiveMaxAge,
        Duration archiveTailWait,
        MergePolicy mergePolicy,
        int mergeLayers,
        boolean archiveOnClose,
        OverwritePolicy overwrite,
        long ssdLimitBytes,
        Duration ssdFullTimeout,
        int openFilesMost,
        Duration commitInterval) {}
