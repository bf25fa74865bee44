package io.arcfs.erofs.merge;

/** What the merged image will stand on. */
public enum MergeMode {
    /** Nothing: it is the bottom of its stack. No mark survives. */
    BOTTOM,
    /** Other lowers: whiteouts stay, and every directory says what it merges with below. */
    KEEP_MARKS
}
