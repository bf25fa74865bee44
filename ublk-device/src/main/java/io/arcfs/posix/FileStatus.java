package io.arcfs.posix;

/**
 * What {@code lstat} says of a file. Immutable.
 *
 * @param device of the file system, in the kernel's 32-bit encoding
 * @param mode type and permission bits
 * @param rdev of a device file, in the kernel's 32-bit encoding ({@code new_encode_dev}); 0 else
 * @param blocks512 allocated space in units of 512 bytes
 */
public record FileStatus(
        long device,
        long inode,
        int mode,
        long nlink,
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
        int ctimeNanos) {
    public static final int S_IFMT = 0xF000;
    public static final int S_IFSOCK = 0xC000;
    public static final int S_IFLNK = 0xA000;
    public static final int S_IFREG = 0x8000;
    public static final int S_IFBLK = 0x6000;
    public static final int S_IFDIR = 0x4000;
    public static final int S_IFCHR = 0x2000;
    public static final int S_IFIFO = 0x1000;

    /** One of the S_IF constants. */
    public int type() {
        return mode & S_IFMT;
    }

    /** Permission, set-id and sticky bits. */
    public int permissions() {
        return mode & 0xFFF;
    }

    public boolean isDirectory() {
        return type() == S_IFDIR;
    }

    public boolean isRegularFile() {
        return type() == S_IFREG;
    }

    public boolean isSymbolicLink() {
        return type() == S_IFLNK;
    }
}
