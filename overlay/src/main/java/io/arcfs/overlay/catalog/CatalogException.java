package io.arcfs.overlay.catalog;

import java.io.IOException;

/** The catalog's database could not do what was asked. */
public final class CatalogException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean noSpace;

    CatalogException(String what, boolean noSpace, Throwable cause) {
        super("catalog: " + what + ": " + cause.getMessage(), cause);
        this.noSpace = noSpace;
    }

    /** Whether the SSD had no room for it. */
    public boolean noSpace() {
        return noSpace;
    }
}
