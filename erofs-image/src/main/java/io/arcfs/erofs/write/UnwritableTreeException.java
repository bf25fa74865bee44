package io.arcfs.erofs.write;

import java.io.IOException;

/** A tree that the format, or this writer, has no place for; says what and where in the tree. */
public final class UnwritableTreeException extends IOException {
    private static final long serialVersionUID = 1L;

    public UnwritableTreeException(String reason) {
        super(reason);
    }
}
