package io.arcfs.ublk;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a driver can do and a device is made with.
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/ublk_cmd.h">ublk_cmd.h</a>
 */
public enum Feature {
    /** Request pages become registered buffers of the server's ring. */
    SUPPORT_ZERO_COPY(0),
    URING_CMD_COMP_IN_TASK(1),
    /** The data of a write are fetched by a command of their own. */
    NEED_GET_DATA(2),
    /** The device outlives its server. */
    USER_RECOVERY(3),
    /** Requests a dead server had are given to the next. */
    USER_RECOVERY_REISSUE(4),
    /** Made by a user who is not root. */
    UNPRIVILEGED_DEV(5),
    CMD_IOCTL_ENCODE(6),
    /** Data are read and written on the character device. */
    USER_COPY(7),
    ZONED(8),
    USER_RECOVERY_FAIL_IO(9),
    UPDATE_SIZE(10),
    /** With every request, its pages are registered as a buffer. */
    AUTO_BUF_REG(11),
    QUIESCE(12),
    PER_IO_DAEMON(13);

    private final int bit;

    Feature(int bit) {
        this.bit = bit;
    }

    public long mask() {
        return 1L << bit;
    }

    static long maskOf(Set<Feature> features) {
        return features.stream().mapToLong(Feature::mask).reduce(0, (a, b) -> a | b);
    }

    /** The known ones of a mask. */
    static Set<Feature> of(long mask) {
        EnumSet<Feature> set = EnumSet.noneOf(Feature.class);
        for (Feature feature : values()) {
            if ((mask & feature.mask()) != 0) {
                set.add(feature);
            }
        }
        return set;
    }
}
