package io.arcfs.overlay;

/**
 * What stat shows of an inode. atime reads as mtime until it is set. Immutable.
 *
 * @param mode type and permission bits
 * @param nlink names of a file; of a directory 2 and one for each folder in it
 * @param rdev device number in the kernel's 32-bit encoding
 * @param blocks512 allocated space in units of 512 bytes
 */
public record Attributes(
        long inode,
        int mode,
        int nlink,
        int uid,
        int gid,
        int rdev,
        long size,
        long blocks512,
        long atimeSeconds,
        int atimeNanos,
        long mtimeSeconds,
        int mtimeNanos,
        long ctimeSeconds,
        int ctimeNanos) {}
