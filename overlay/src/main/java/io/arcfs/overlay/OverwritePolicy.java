package io.arcfs.overlay;

/** What a write below the written end gets. */
public enum OverwritePolicy {
    /** EPERM, always. */
    DENY,
    /**
     * Bytes that no layer but the active one holds are rewritten in place; others get EPERM. Files
     * that are open for writing when a layer is sealed stay in the active one.
     */
    UPPER
}
