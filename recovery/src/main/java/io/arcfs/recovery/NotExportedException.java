package io.arcfs.recovery;

import java.io.IOException;
import java.nio.file.Path;

/** A volume whose arc.json wants a ublk device, and no server exports one. */
public final class NotExportedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path volume;

    public NotExportedException(Path volume) {
        super(volume + ": device is \"ublk\", and no server exports it");
        this.volume = volume;
    }

    public Path volume() {
        return volume;
    }
}
