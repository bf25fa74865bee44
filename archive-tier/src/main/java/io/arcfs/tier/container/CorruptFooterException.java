package io.arcfs.tier.container;

import java.io.IOException;

/** Bytes that should be a container's footer and are not. */
public final class CorruptFooterException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * @param source file or medium the bytes came from
     * @param offset where in the footer
     * @param what actual against expected
     */
    public CorruptFooterException(String source, long offset, String what) {
        super(source + ": not a whole container footer: at byte " + offset + " " + what);
    }
}
