package io.arcfs.erofs.write;

/**
 * What was written.
 *
 * @param names number of names below the root; more than inodes - 1 if there are hard links
 */
public record WrittenImage(long inodes, long names, long lengthBytes) {}
