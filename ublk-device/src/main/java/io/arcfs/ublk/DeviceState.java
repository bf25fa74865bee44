package io.arcfs.ublk;

/**
 * What the driver says of a device.
 *
 * <pre>
 *   add         start          server dies            recovery ends
 *  -----> DEAD --------> LIVE -------------> QUIESCED --------------> LIVE
 *           ^             | stop
 *           +-------------+
 * </pre>
 */
public enum DeviceState {
    /** Added and not started, or stopped. */
    DEAD,
    LIVE,
    /** The server is gone, requests wait. */
    QUIESCED,
    /** The server is gone, requests fail. */
    FAIL_IO;

    static DeviceState of(int number) {
        return number >= 0 && number < values().length ? values()[number] : DEAD;
    }
}
