package io.arcfs.tier.container;

import java.io.IOException;

/** A footer that a later arcfs has written. */
public final class UnsupportedFooterException extends IOException {
    private static final long serialVersionUID = 1L;

    public UnsupportedFooterException(String source, int version) {
        super(
                source
                        + ": container footer of version "
                        + version
                        + "; this arcfs reads version "
                        + ContainerFormat.VERSION
                        + "; use a newer arcfs");
    }
}
