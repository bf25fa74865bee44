package io.arcfs.tier;

import java.io.IOException;

/** A block on the SSD whose bytes are not what was written, and there is no copy elsewhere. */
public final class DamagedBlockException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long offsetInContainer;

    public DamagedBlockException(ContainerId container, long offsetInContainer, String why) {
        super(container + ", byte " + offsetInContainer + ": damaged on the SSD: " + why);
        this.offsetInContainer = offsetInContainer;
    }

    /** Offset of the block from the container's start. */
    public long offsetInContainer() {
        return offsetInContainer;
    }
}
