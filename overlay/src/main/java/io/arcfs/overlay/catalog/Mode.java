package io.arcfs.overlay.catalog;

/** Type and permission bits of a mode, as in inode(7). */
public final class Mode {
    public static final int TYPE = 0170000;
    public static final int SOCKET = 0140000;
    public static final int SYMLINK = 0120000;
    public static final int REGULAR = 0100000;
    public static final int BLOCK = 0060000;
    public static final int DIRECTORY = 0040000;
    public static final int CHARACTER = 0020000;
    public static final int FIFO = 0010000;
    public static final int PERMISSIONS = 07777;
    public static final int SET_GID = 02000;

    private Mode() {}

    public static boolean isDirectory(int mode) {
        return (mode & TYPE) == DIRECTORY;
    }

    public static boolean isRegular(int mode) {
        return (mode & TYPE) == REGULAR;
    }

    public static boolean isSymlink(int mode) {
        return (mode & TYPE) == SYMLINK;
    }

    /** Whether a node of this mode and device number is a whiteout to overlayfs. */
    public static boolean isWhiteout(int mode, int rdev) {
        return (mode & TYPE) == CHARACTER && rdev == 0;
    }
}
