package io.arcfs.cli.image;

import java.io.IOException;

/** Data on a device slot for which no file was given. */
public final class MissingDeviceException extends IOException {
    private static final long serialVersionUID = 1L;

    MissingDeviceException(int deviceId) {
        super("the data is on device " + deviceId + " of the image, which is not given");
    }
}
