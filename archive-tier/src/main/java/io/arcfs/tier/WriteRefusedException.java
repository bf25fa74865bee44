package io.arcfs.tier;

import java.io.IOException;

/** A write or discard that does not lie wholly in the data area of an open container. */
public final class WriteRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    public WriteRefusedException(String message) {
        super(message);
    }
}
