package io.arcfs.erofs;

import java.io.IOException;

/** An image that breaks the format, with the place and the reason. */
public final class CorruptImageException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long offsetBytes;
    private final String reason;

    public CorruptImageException(long offsetBytes, String reason) {
        super("at byte " + offsetBytes + ": " + reason);
        this.offsetBytes = offsetBytes;
        this.reason = reason;
    }

    /** What is wrong, without the place. */
    public String reason() {
        return reason;
    }

    /** Where in the image the fault lies. */
    public long offsetBytes() {
        return offsetBytes;
    }
}
