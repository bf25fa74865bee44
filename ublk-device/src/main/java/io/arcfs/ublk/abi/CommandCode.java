package io.arcfs.ublk.abi;

import org.jspecify.annotations.Nullable;

/**
 * The commands of the driver, in both encodings: as ioctl numbers (6.4 and later) and as the bare
 * numbers that kernels before took.
 */
public enum CommandCode {
    GET_QUEUE_AFFINITY(0x80207501, 0x01),
    GET_DEV_INFO(0x80207502, 0x02),
    ADD_DEV(0xc0207504, 0x04),
    DEL_DEV(0xc0207505, 0x05),
    START_DEV(0xc0207506, 0x06),
    STOP_DEV(0xc0207507, 0x07),
    SET_PARAMS(0xc0207508, 0x08),
    GET_PARAMS(0x80207509, 0x09),
    START_USER_RECOVERY(0xc0207510, 0x10),
    END_USER_RECOVERY(0xc0207511, 0x11),
    GET_DEV_INFO2(0x80207512, 0x12),
    GET_FEATURES(0x80207513, null),
    DEL_DEV_ASYNC(0x80207514, null),

    FETCH_REQ(0xc0107520, 0x20),
    COMMIT_AND_FETCH_REQ(0xc0107521, 0x21),
    NEED_GET_DATA(0xc0107522, 0x22);

    /** How commands are numbered. */
    public enum Encoding {
        IOCTL,
        LEGACY
    }

    private final int ioctl;
    private final @Nullable Integer legacy;

    CommandCode(int ioctl, @Nullable Integer legacy) {
        this.ioctl = ioctl;
        this.legacy = legacy;
    }

    /**
     * @throws UnsupportedOperationException for a command that is younger than the encoding
     */
    public int number(Encoding encoding) {
        if (encoding == Encoding.IOCTL) {
            return ioctl;
        }
        Integer number = legacy;
        if (number == null) {
            throw new UnsupportedOperationException(name() + " has no legacy number");
        }
        return number;
    }
}
