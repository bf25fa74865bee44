package io.arcfs.tier;

/** Who waits for a recall, most urgent first. */
public enum Priority {
    /** A reader is blocked on these bytes. */
    FOREGROUND,
    /** A sequential reader will want them soon. */
    READAHEAD,
    /** Asked for by name: {@code arc recall}, a build's partial tail. */
    PRESTAGE
}
