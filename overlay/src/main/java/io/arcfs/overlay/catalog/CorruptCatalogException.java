package io.arcfs.overlay.catalog;

/** A record of the catalog that cannot be what this program wrote. */
public final class CorruptCatalogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CorruptCatalogException(String message) {
        super("catalog: " + message);
    }
}
