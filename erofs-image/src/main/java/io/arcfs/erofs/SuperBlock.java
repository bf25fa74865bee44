package io.arcfs.erofs;

import io.arcfs.erofs.layout.SuperBlockLayout;
import java.util.UUID;

/**
 * What the superblock says, checked. Immutable.
 *
 * @param blockBits log2 of the block size
 * @param rootNid node number of the root directory
 * @param inodes number of inodes, as the maker counted them
 * @param epochSeconds time to which compact inodes' times are relative
 * @param fixedNanos nanoseconds of compact inodes
 * @param blocks length of the primary device
 * @param metaBlock block where node number 0 would stand
 * @param xattrBlock block of the shared xattrs
 * @param extraDevices number of device slots
 * @param deviceTableOffsetBytes where the device table starts
 * @param xattrPrefixCount number of long xattr prefixes
 * @param xattrPrefixOffsetBytes where their table starts
 */
public record SuperBlock(
        int compatibleFeatures,
        int incompatibleFeatures,
        int blockBits,
        long rootNid,
        long inodes,
        long epochSeconds,
        int fixedNanos,
        long blocks,
        long metaBlock,
        long xattrBlock,
        UUID uuid,
        String volumeName,
        int extraDevices,
        long deviceTableOffsetBytes,
        int xattrPrefixCount,
        long xattrPrefixOffsetBytes) {
    public long blockSizeBytes() {
        return 1L << blockBits;
    }

    /** Whether the first block is covered by a checksum. */
    public boolean hasChecksum() {
        return hasCompatible(SuperBlockLayout.COMPAT_SB_CHKSUM);
    }

    boolean hasIncompatible(int feature) {
        return (incompatibleFeatures & feature) != 0;
    }

    boolean hasCompatible(int feature) {
        return (compatibleFeatures & feature) != 0;
    }
}
