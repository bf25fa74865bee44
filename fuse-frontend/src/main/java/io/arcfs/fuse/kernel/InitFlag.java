package io.arcfs.fuse.kernel;

/**
 * What client and server agree on in FUSE_INIT: the bits of {@code flags} and, from 32 on, of
 * {@code flags2}. Only those this transport asks for, and those it must never ask for.
 */
final class InitFlag {
    static final long ASYNC_READ = 1;
    static final long ATOMIC_O_TRUNC = 1 << 3;
    static final long BIG_WRITES = 1 << 5;
    static final long DONT_MASK = 1 << 6;
    static final long DO_READDIRPLUS = 1 << 13;
    static final long PARALLEL_DIROPS = 1 << 18;
    static final long POSIX_ACL = 1 << 20;
    static final long MAX_PAGES = 1 << 22;
    static final long CACHE_SYMLINKS = 1 << 23;
    static final long EXPLICIT_INVAL_DATA = 1 << 25;
    static final long HANDLE_KILLPRIV_V2 = 1 << 28;
    static final long SETXATTR_EXT = 1 << 29;
    static final long INIT_EXT = 1 << 30;
    static final long PASSTHROUGH = 1L << 37;
    static final long HAS_RESEND = 1L << 39;
    static final long OVER_IO_URING = 1L << 41;

    /** The kernel would own sizes and times, and write where and when it likes. */
    static final long WRITEBACK_CACHE = 1 << 16;

    /**
     * A program that reads past the page cache would wait deaf to signals, even to SIGKILL, and in
     * the kernel's queue of background requests.
     */
    static final long ASYNC_DIO = 1 << 15;

    /** Shared writable mappings of files that only grow at their end. */
    static final long DIRECT_IO_ALLOW_MMAP = 1L << 36;

    /** Everything that is wanted where the kernel has it. */
    static final long WANTED =
            ASYNC_READ
                    | ATOMIC_O_TRUNC
                    | BIG_WRITES
                    | DONT_MASK
                    | DO_READDIRPLUS
                    | PARALLEL_DIROPS
                    | POSIX_ACL
                    | MAX_PAGES
                    | CACHE_SYMLINKS
                    | EXPLICIT_INVAL_DATA
                    | HANDLE_KILLPRIV_V2
                    | SETXATTR_EXT
                    | HAS_RESEND
                    | INIT_EXT;

    private InitFlag() {}

    /**
     * What a mount wants.
     *
     * @param passthrough whether this process may hand backing files to the kernel
     * @param acl whether the kernel is to enforce POSIX ACLs, and so asks for each inode's
     * @param ioUring whether rings are open for its requests
     */
    static long wanted(boolean passthrough, boolean acl, boolean ioUring) {
        return (WANTED & (acl ? -1L : ~POSIX_ACL))
                | (passthrough ? PASSTHROUGH : 0)
                | (ioUring ? OVER_IO_URING : 0);
    }
}
