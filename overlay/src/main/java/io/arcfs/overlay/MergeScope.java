package io.arcfs.overlay;

/** How much a merge takes in. */
public enum MergeScope {
    /** What the policy would merge by itself. */
    POLICY,
    /** Everything archived, into one image. */
    ALL
}
