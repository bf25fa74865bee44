package io.arcfs.erofs.write;

/**
 * What an inode records beside its data.
 *
 * @param inode number kept in i_ino, or 0 to let the writer number inodes itself
 * @param mode type and permission bits, as in stat
 * @param size bytes of a regular file, of a symlink's target; ignored for others
 * @param rdev device number in the kernel's 32-bit encoding (0 with a character device is a
 *     whiteout)
 */
public record InodeAttributes(
        long inode,
        int mode,
        long uid,
        long gid,
        long size,
        int rdev,
        long mtimeSeconds,
        int mtimeNanos) {}
