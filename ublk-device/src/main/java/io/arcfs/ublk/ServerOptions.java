package io.arcfs.ublk;

/**
 * How a device is served. Immutable.
 *
 * @param id the N of /dev/ublkbN, -1 for a free one
 * @param queues 1 to 4096; the driver cuts it to the number of CPUs
 * @param depth requests per queue, 1 to 4096
 * @param maxRequestBytes largest read or write, a multiple of 4096
 */
public record ServerOptions(
        int id, int queues, int depth, int maxRequestBytes, DataPath path, Privilege privilege) {
    /** Who may make the device. */
    public enum Privilege {
        /** Root; the device survives its server. */
        PRIVILEGED,
        /** Anybody who may open the control node; no recovery. */
        UNPRIVILEGED
    }

    public ServerOptions {
        require("queues", queues, 1, 4096);
        require("depth", depth, 1, 4096);
        require("largest request", maxRequestBytes, 4096, 32 << 20);
        require("id", id, -1, 1 << 20);
        if (maxRequestBytes % 4096 != 0) {
            throw new IllegalArgumentException(
                    "largest request is " + maxRequestBytes + ": a multiple of 4096");
        }
    }

    private static void require(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    what + " is " + value + ": " + least + " to " + most);
        }
    }

    public static ServerOptions defaults() {
        return new ServerOptions(-1, 1, 128, 512 << 10, DataPath.COPY, Privilege.PRIVILEGED);
    }
}
