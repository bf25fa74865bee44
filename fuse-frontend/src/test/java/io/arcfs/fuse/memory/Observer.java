package io.arcfs.fuse.memory;

import io.arcfs.overlay.FsException;

/** Sees requests before they are done, and may fail or delay them. Thread-safe. */
public interface Observer {
    /** Lets everything pass. */
    Observer NONE = new Observer() {};

    default void reading(long bytes) throws FsException {}

    default void writing(long bytes) throws FsException {}

    default void flushing() throws FsException {}

    default void syncing() throws FsException {}

    default void gettingAttributes() throws FsException {}

    default void opening() throws FsException {}
}
