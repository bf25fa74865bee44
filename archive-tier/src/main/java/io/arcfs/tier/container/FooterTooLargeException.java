package io.arcfs.tier.container;

import io.arcfs.tier.ContainerId;
import java.io.IOException;

/** A footer that does not fit the metadata area behind a container's data. */
public final class FooterTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    public FooterTooLargeException(ContainerId container, long footerBytes, long roomBytes) {
        super(
                container
                        + ": its footer needs "
                        + footerBytes
                        + " bytes, its metadata area has room for "
                        + roomBytes
                        + "; describe fewer images or image extents per container");
    }
}
