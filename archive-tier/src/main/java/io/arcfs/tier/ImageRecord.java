package io.arcfs.tier;

import java.util.List;
import java.util.UUID;

/**
 * What a footer says of a metadata image whose last byte lies in its container: enough to find the
 * image again from the media alone and to know what it needs.
 *
 * @param firstLayer oldest layer of the image
 * @param lastLayer newest layer of the image
 * @param generation counts images of the same range; the highest complete one wins
 * @param uuid of the EROFS image
 * @param lengthBytes length of the image
 * @param extents where its bytes lie, in order
 * @param sha256 of its bytes
 * @param manifest every container the image's chunks refer to, with the sequence they were written
 *     under
 * @param nextInode first inode number that no layer up to this one has used
 * @param commit number of the catalog commit that activated it
 */
public record ImageRecord(
        int firstLayer,
        int lastLayer,
        int generation,
        UUID uuid,
        long lengthBytes,
        List<DeviceExtent> extents,
        byte[] sha256,
        List<ContainerId> manifest,
        long nextInode,
        long commit) {}
