package io.arcfs.it.kit;

import java.util.SortedMap;

/**
 * One name of a tree and everything that is comparable about it. {@code path} and {@code target}
 * hold one char per byte (ISO 8859-1), because names are bytes. Immutable.
 *
 * @param type as {@code find -printf %y}: f d l p s c b
 * @param mtime seconds with nanoseconds, as find prints it
 * @param blocks units of 512 bytes
 * @param device major:minor in hex of a device node, else empty
 * @param linkGroup the first of the names this inode has in the tree; empty when it has one name
 * @param digest BLAKE2b of a regular file's content, when it was read
 */
record TreeEntry(
        String path,
        char type,
        String mode,
        String owner,
        long links,
        long sizeBytes,
        long blocks,
        String mtime,
        String ctime,
        String device,
        String target,
        String linkGroup,
        SortedMap<String, String> xattrs,
        String digest) {

    boolean isDirectory() {
        return type == 'd';
    }
}
