package io.arcfs.fuse.jnr;

/** How the kernel may use its page cache for one open file. */
enum FileCaching {
    /**
     * Not at all: every read and write is a request. For handles that write, because a shared
     * writable mapping must be refused and an append must be answered when it is stored.
     */
    DIRECT,
    /** From an empty cache: the bytes may have changed since the last open. */
    FRESH,
    /** With what is cached already. */
    KEPT
}
