package io.arcfs.fuse.kernel;

import io.arcfs.fuse.UnsupportedKernelException;

/**
 * What this mount and this kernel can both do, settled by the first request. By feature, never by
 * version: distributions backport. Immutable.
 *
 * @param minor the protocol spoken
 * @param flags of {@link InitFlag}
 * @param maxStackDepth 1 if backing files may be given to the kernel, else 0
 */
record Negotiation(
        int minor, long flags, int maxReadaheadBytes, int maxWriteBytes, int maxStackDepth) {
    static final int MAJOR = 7;

    /** The newest protocol whose structures are those of {@link Request} and {@link Reply}. */
    static final int MINOR = 45;

    /** The oldest one with them (Linux 4.20): entries, attributes and INIT as long as today's. */
    private static final int OLDEST_MINOR = 28;

    /**
     * Requests of the page cache that may be under way at once: read-ahead, and so every buffered
     * read. As many as may wait for a medium, or they would hold up the reads of everybody else.
     */
    static final int MAX_BACKGROUND = 256;

    static final int CONGESTION_THRESHOLD = 192;

    private static final int MAX_READAHEAD_BYTES = 1 << 20;

    /** Without max_pages a request has 32 pages at most. */
    private static final int SMALL_WRITE_BYTES = 32 * Buffers.PAGE_BYTES;

    // struct fuse_init_in
    private static final int IN_MAJOR = 0;
    private static final int IN_MINOR = 4;
    private static final int IN_MAX_READAHEAD = 8;
    private static final int IN_FLAGS = 12;
    private static final int IN_FLAGS2 = 16;
    private static final int IN_BYTES_WITH_FLAGS2 = 20;

    /** The kernel speaks a later major version and will ask again with ours. */
    static boolean isOtherMajor(Request init) {
        return Integer.compareUnsigned(init.intAt(IN_MAJOR), MAJOR) > 0;
    }

    /**
     * @param wanted flags of {@link InitFlag} that are good for this mount
     */
    static Negotiation of(Request init, long wanted) throws UnsupportedKernelException {
        int minor = init.intAt(IN_MINOR);
        if (init.intAt(IN_MAJOR) != MAJOR || minor < OLDEST_MINOR) {
            throw new UnsupportedKernelException(
                    "this kernel speaks FUSE "
                            + init.intAt(IN_MAJOR)
                            + "."
                            + minor
                            + " and the native transport needs 7.28 (Linux 4.20); use fuse=jnr");
        }
        long offered = Integer.toUnsignedLong(init.intAt(IN_FLAGS));
        if ((offered & InitFlag.INIT_EXT) != 0 && init.bodyBytes() >= IN_BYTES_WITH_FLAGS2) {
            offered |= (long) init.intAt(IN_FLAGS2) << Integer.SIZE;
        }
        long agreed = offered & wanted;
        return new Negotiation(
                Math.min(minor, MINOR),
                agreed,
                Math.min(init.intAt(IN_MAX_READAHEAD), MAX_READAHEAD_BYTES),
                (agreed & InitFlag.MAX_PAGES) != 0 ? Buffers.PAYLOAD_BYTES : SMALL_WRITE_BYTES,
                (agreed & InitFlag.PASSTHROUGH) != 0 ? 1 : 0);
    }

    boolean has(long flag) {
        return (flags & flag) != 0;
    }
}
