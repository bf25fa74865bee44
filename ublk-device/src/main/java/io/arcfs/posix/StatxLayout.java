package io.arcfs.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct statx}, which has one layout on every CPU (struct stat has not).
 *
 * <pre>
 *   0 stx_mask u32        4 stx_blksize u32     8 stx_attributes u64  16 stx_nlink u32
 *  20 stx_uid u32        24 stx_gid u32        28 stx_mode u16        32 stx_ino u64
 *  40 stx_size u64       48 stx_blocks u64     56 stx_attributes_mask 64 stx_atime (16 bytes)
 *  80 stx_btime          96 stx_ctime         112 stx_mtime          128 stx_rdev_major u32
 * 132 stx_rdev_minor u32 136 stx_dev_major    140 stx_dev_minor      144.. to 256 not used here
 * statx_timestamp: 0 tv_sec s64, 8 tv_nsec u32, 12 reserved
 * </pre>
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/stat.h">linux/stat.h</a>
 */
final class StatxLayout {
    static final long SIZE_BYTES = 256;

    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_EMPTY_PATH = 0x1000;
    static final int STATX_BASIC_STATS = 0x7ff;

    private static final long NLINK_OFFSET = 16;
    private static final long UID_OFFSET = 20;
    private static final long GID_OFFSET = 24;
    private static final long MODE_OFFSET = 28;
    private static final long INO_OFFSET = 32;
    private static final long SIZE_OFFSET = 40;
    private static final long BLOCKS_OFFSET = 48;
    private static final long ATIME_OFFSET = 64;
    private static final long CTIME_OFFSET = 96;
    private static final long MTIME_OFFSET = 112;
    private static final long RDEV_MAJOR_OFFSET = 128;
    private static final long DEV_MAJOR_OFFSET = 136;
    private static final long TIMESTAMP_NSEC_OFFSET = 8;

    private StatxLayout() {}

    static long size(MemorySegment statx) {
        return statx.get(JAVA_LONG, SIZE_OFFSET);
    }

    static long blocks512(MemorySegment statx) {
        return statx.get(JAVA_LONG, BLOCKS_OFFSET);
    }

    static FileStatus decode(MemorySegment statx) {
        return new FileStatus(
                Integer.toUnsignedLong(encodeDevice(statx, DEV_MAJOR_OFFSET)),
                statx.get(JAVA_LONG, INO_OFFSET),
                Short.toUnsignedInt(statx.get(JAVA_SHORT, MODE_OFFSET)),
                Integer.toUnsignedLong(statx.get(JAVA_INT, NLINK_OFFSET)),
                statx.get(JAVA_INT, UID_OFFSET),
                statx.get(JAVA_INT, GID_OFFSET),
                encodeDevice(statx, RDEV_MAJOR_OFFSET),
                size(statx),
                blocks512(statx),
                statx.get(JAVA_LONG, ATIME_OFFSET),
                statx.get(JAVA_INT, ATIME_OFFSET + TIMESTAMP_NSEC_OFFSET),
                statx.get(JAVA_LONG, MTIME_OFFSET),
                statx.get(JAVA_INT, MTIME_OFFSET + TIMESTAMP_NSEC_OFFSET),
                statx.get(JAVA_LONG, CTIME_OFFSET),
                statx.get(JAVA_INT, CTIME_OFFSET + TIMESTAMP_NSEC_OFFSET));
    }

    /** {@code new_encode_dev}: minor's low byte, 12 bits of major, the rest of minor. */
    private static int encodeDevice(MemorySegment statx, long majorOffset) {
        int major = statx.get(JAVA_INT, majorOffset);
        int minor = statx.get(JAVA_INT, majorOffset + Integer.BYTES);
        return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
    }
}
