package io.arcfs.erofs;

import java.io.IOException;

/** A well-formed image, or a part of it, that needs something not built here. */
public final class UnsupportedImageException extends IOException {
    private static final long serialVersionUID = 1L;

    public UnsupportedImageException(String what) {
        super("not supported: " + what);
    }
}
