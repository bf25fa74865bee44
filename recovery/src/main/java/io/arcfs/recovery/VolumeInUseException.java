package io.arcfs.recovery;

import java.io.IOException;
import java.nio.file.Path;

/** A volume that another process, or this one, has open (R1). Immutable. */
public final class VolumeInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path volume;
    private final String holder;

    VolumeInUseException(Path volume, String holder) {
        super(SafeText.of(volume) + ": volume already open by " + holder);
        this.volume = volume;
        this.holder = holder;
    }

    /** For one who has seen the holder without trying to open. */
    public static VolumeInUseException by(VolumeLayout volume, long pid) {
        return new VolumeInUseException(volume.directory(), "pid " + pid);
    }

    public Path volume() {
        return volume;
    }

    /** "pid 123", or what else is known of who has it open. */
    public String holder() {
        return holder;
    }
}
