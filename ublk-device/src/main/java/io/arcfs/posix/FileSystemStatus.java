package io.arcfs.posix;

/**
 * What {@code statfs} says of a file system. Immutable.
 *
 * @param type the file system's magic number
 * @param blockBytes unit in which the kernel counts space
 * @param freeBytes free, some of it for root only
 * @param availableBytes free for everyone
 */
public record FileSystemStatus(
        long type,
        long blockBytes,
        long totalBytes,
        long freeBytes,
        long availableBytes,
        long files,
        long freeFiles) {}
