package io.arcfs.posix;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct statfs}; x86_64 and aarch64 both use the generic one with 64-bit words.
 *
 * <pre>
 *   0 f_type   8 f_bsize  16 f_blocks  24 f_bfree    32 f_bavail   40 f_files
 *  48 f_ffree 56 f_fsid   64 f_namelen 72 f_frsize   80 f_flags    88 f_spare[4]
 * </pre>
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/v6.12/include/uapi/asm-generic/statfs.h">asm-generic/statfs.h</a>
 */
final class StatfsLayout {
    static final long SIZE_BYTES = 120;

    private StatfsLayout() {}

    static FileSystemStatus decode(MemorySegment statfs) {
        long fragment = statfs.get(JAVA_LONG, 72);
        long unit = fragment != 0 ? fragment : statfs.get(JAVA_LONG, 8);
        return new FileSystemStatus(
                statfs.get(JAVA_LONG, 0),
                unit,
                statfs.get(JAVA_LONG, 16) * unit,
                statfs.get(JAVA_LONG, 24) * unit,
                statfs.get(JAVA_LONG, 32) * unit,
                statfs.get(JAVA_LONG, 40),
                statfs.get(JAVA_LONG, 48));
    }
}
