package io.arcfs.overlay;

import java.io.IOException;

/**
 * A file operation that cannot be done, by reason. The kernel's edge maps the reason to an errno in
 * one place. Expected reasons carry no stack trace: they are answers, not accidents.
 */
public final class FsException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why; names follow errno. */
    public enum Reason {
        NOT_FOUND, // ENOENT
        EXISTS, // EEXIST
        NOT_DIRECTORY, // ENOTDIR
        IS_DIRECTORY, // EISDIR
        NOT_EMPTY, // ENOTEMPTY
        NOT_PERMITTED, // EPERM: append-only forbids it, or a reserved mark
        INVALID, // EINVAL
        NAME_TOO_LONG, // ENAMETOOLONG
        NO_SPACE, // ENOSPC
        NO_ATTRIBUTE, // ENODATA
        NOT_SUPPORTED, // EOPNOTSUPP
        TOO_BIG, // EFBIG
        ARGUMENT_TOO_BIG, // E2BIG
        TOO_MANY_LINKS, // EMLINK
        TOO_MANY_OPEN, // ENFILE: descriptors of the daemon, whoever has the files open
        NO_MEMORY, // ENOMEM
        NO_DEVICE_ADDRESS, // ENXIO
        STALE, // ESTALE
        BAD_HANDLE, // EBADF
        READ_ONLY, // EROFS
        TIMED_OUT, // ETIMEDOUT
        INTERRUPTED, // EINTR
        RECALL_REFUSED, // for who asks, cold bytes are not fetched
        IO // EIO
    }

    private final Reason reason;

    public FsException(Reason reason, String detail) {
        super(detail);
        this.reason = reason;
    }

    public FsException(Reason reason, String detail, Throwable cause) {
        super(detail, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** Only accidents pay for a stack trace. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
