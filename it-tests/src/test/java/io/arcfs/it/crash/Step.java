package io.arcfs.it.crash;

import java.util.List;

/**
 * One operation of a worker. Immutable.
 *
 * @param verb what it does
 * @param path what it is about
 * @param other a second path, or an xattr's value; empty for most
 * @param content whose bytes: the identity of a version of a file
 * @param length bytes to append
 */
record Step(Verb verb, String path, String other, long content, int length) {
    enum Verb {
        CREATE,
        APPEND,
        FSYNC,
        FSYNC_DIRECTORY,
        RENAME,
        UNLINK,
        LINK,
        EMPTY,
        MKDIR,
        RMDIR,
        XATTR;

        /** Whether all the worker did before is durable when it was acknowledged. */
        boolean makesDurable() {
            return this == FSYNC || this == FSYNC_DIRECTORY;
        }
    }

    static Step of(Verb verb, String path) {
        return new Step(verb, path, "", 0, 0);
    }

    String line() {
        return verb
                + " "
                + path
                + " "
                + (other.isEmpty() ? "-" : other)
                + " "
                + content
                + " "
                + length;
    }

    static Step parse(List<String> words) {
        return new Step(
                Verb.valueOf(words.get(0)),
                words.get(1),
                words.get(2).equals("-") ? "" : words.get(2),
                Long.parseLong(words.get(3)),
                Integer.parseInt(words.get(4)));
    }
}
