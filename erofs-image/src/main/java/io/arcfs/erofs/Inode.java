package io.arcfs.erofs;

/**
 * An inode as the image records it. Immutable.
 *
 * @param nid where it stands; the kernel's inode number
 * @param number i_ino: the number its maker gave it, unsigned 32 bits
 * @param mode type and permission bits
 * @param size bytes of a file, a directory's dirents, a symlink's target
 * @param nlink link count as stored
 * @param rdev device number in the kernel's 32-bit encoding; 0 for what is no device
 */
public record Inode(
        long nid,
        long number,
        int mode,
        long size,
        long nlink,
        long uid,
        long gid,
        int rdev,
        long mtimeSeconds,
        int mtimeNanos,
        DataLayout layout) {
    private static final int TYPE = 0xF000;

    public boolean isDirectory() {
        return (mode & TYPE) == 0x4000;
    }

    public boolean isRegular() {
        return (mode & TYPE) == 0x8000;
    }

    public boolean isSymlink() {
        return (mode & TYPE) == 0xA000;
    }

    /** A character device 0/0: hides the name in the layers below. */
    public boolean isWhiteout() {
        return (mode & TYPE) == 0x2000 && rdev == 0;
    }
}
