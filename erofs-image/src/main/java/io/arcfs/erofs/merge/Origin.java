package io.arcfs.erofs.merge;

/** What a directory merges with below its layers. Immutable. */
sealed interface Origin {
    /** Nothing: it is opaque. */
    record None() implements Origin {}

    /** The same name in what its parent merges with. */
    record Same() implements Origin {}

    /** Another place: an absolute path, or a name beside it. Not to be changed. */
    record Redirected(byte[] path) implements Origin {}
}
