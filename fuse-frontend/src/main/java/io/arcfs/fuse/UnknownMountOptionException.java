package io.arcfs.fuse;

/** A word of {@code -o} that arcfs does not know; the message names it and what there is. */
public final class UnknownMountOptionException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String word;

    UnknownMountOptionException(String word, String known) {
        super("mount option '" + word + "' is not known; known are " + known);
        this.word = word;
    }

    /** The word as it was given. */
    public String word() {
        return word;
    }
}
