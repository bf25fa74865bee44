package io.arcfs.cli;

import io.arcfs.cli.device.DeviceServerMain;
import java.io.IOException;

/** What {@link Training} does for short commands, for the process that serves a device. */
public final class DeviceTraining {
    private DeviceTraining() {}

    /**
     * @param arguments an empty directory; not needed
     */
    public static void main(String[] arguments) throws IOException {
        DeviceServerMain.load();
    }
}
