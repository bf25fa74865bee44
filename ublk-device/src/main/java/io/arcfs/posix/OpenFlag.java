package io.arcfs.posix;

/**
 * How a file is opened. O_CLOEXEC is always added.
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/v6.12/include/uapi/asm-generic/fcntl.h">asm-generic/fcntl.h</a>
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/v6.12/arch/arm64/include/uapi/asm/fcntl.h">arm64
 *     differs in three</a>
 */
public enum OpenFlag {
    /** For reading; also what no flag at all means. */
    READ(0, 0),
    WRITE(0, 0),
    /** Made with mode 0600 when it does not exist. */
    CREATE(0x40, 0x40),
    EXCLUSIVE(0x80, 0x80),
    TRUNCATE(0x200, 0x200),
    /** Every write goes to the end. */
    APPEND(0x400, 0x400),
    /** Past the page cache; offsets, lengths and addresses must be aligned. */
    DIRECT(0x4000, 0x10000),
    NOFOLLOW(0x20000, 0x8000),
    DIRECTORY(0x10000, 0x4000);

    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final boolean ARM64 = "aarch64".equals(System.getProperty("os.arch"));

    private final int x8664;
    private final int arm64;

    OpenFlag(int x8664, int arm64) {
        this.x8664 = x8664;
        this.arm64 = arm64;
    }

    static int combine(OpenFlag... flags) {
        int bits = O_CLOEXEC;
        boolean read = false;
        boolean write = false;
        for (OpenFlag flag : flags) {
            read |= flag == READ;
            write |= flag == WRITE;
            bits |= ARM64 ? flag.arm64 : flag.x8664;
        }
        if (write) {
            bits |= read ? O_RDWR : O_WRONLY;
        }
        return bits;
    }
}
