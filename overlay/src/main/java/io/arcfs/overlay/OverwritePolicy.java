package io.arcfs.overlay;

/** What a write below the written end gets. */
public enum OverwritePolicy {
    /** EPERM, always. */
    DENY
}
