package io.arcfs.fuse.abi;

import io.arcfs.overlay.FileSystem.OpenMode;

/**
 * The flags of open(2) as the kernel passes them on (asm-generic/fcntl.h, Linux 6.18; but for
 * O_DIRECT, the bits used here are the same on x86-64 and aarch64).
 */
public final class OpenBits {
    public static final int ACCESS_MODE = 3;
    public static final int READ_ONLY = 0;
    public static final int WRITE_ONLY = 1;
    public static final int TRUNCATE = 0x200;
    public static final int APPEND = 0x400;

    /** {@code O_DIRECT}; aarch64 has its own (arch/arm64/include/uapi/asm/fcntl.h). */
    public static final int DIRECT =
            System.getProperty("os.arch").equals("aarch64") ? 0x10000 : 0x4000;

    private OpenBits() {}

    /** Whether a handle opened so may write. */
    public static boolean writes(int flags) {
        return (flags & ACCESS_MODE) != READ_ONLY;
    }

    public static boolean appends(int flags) {
        return (flags & APPEND) != 0;
    }

    public static OpenMode modeOf(int flags) {
        return new OpenMode(
                (flags & ACCESS_MODE) != WRITE_ONLY, writes(flags), (flags & TRUNCATE) != 0);
    }
}
