package io.arcfs.fuse;

import io.arcfs.overlay.FsException;
import io.arcfs.posix.Errno;

/** What the kernel hears of a refused file operation: the one place that knows both names. */
public final class ErrnoMapping {
    private ErrnoMapping() {}

    /** The errno of a reason; exhaustive, so that a new reason does not compile without one. */
    public static Errno errnoOf(FsException.Reason reason) {
        return switch (reason) {
            case NOT_FOUND -> Errno.ENOENT;
            case EXISTS -> Errno.EEXIST;
            case NOT_DIRECTORY -> Errno.ENOTDIR;
            case IS_DIRECTORY -> Errno.EISDIR;
            case NOT_EMPTY -> Errno.ENOTEMPTY;
            case NOT_PERMITTED -> Errno.EPERM;
            case INVALID -> Errno.EINVAL;
            case NAME_TOO_LONG -> Errno.ENAMETOOLONG;
            case NO_SPACE -> Errno.ENOSPC;
            case NO_ATTRIBUTE -> Errno.ENODATA;
            case NOT_SUPPORTED -> Errno.EOPNOTSUPP;
            case TOO_BIG -> Errno.EFBIG;
            case ARGUMENT_TOO_BIG -> Errno.E2BIG;
            case TOO_MANY_LINKS -> Errno.EMLINK;
            case TOO_MANY_OPEN -> Errno.ENFILE;
            case NO_MEMORY -> Errno.ENOMEM;
            case NO_DEVICE_ADDRESS -> Errno.ENXIO;
            case STALE -> Errno.ESTALE;
            case BAD_HANDLE -> Errno.EBADF;
            case READ_ONLY -> Errno.EROFS;
            case TIMED_OUT -> Errno.ETIMEDOUT;
            case INTERRUPTED -> Errno.EINTR;
            case RECALL_REFUSED -> Errno.EACCES; // ADR 0091
            case IO -> Errno.EIO;
        };
    }
}
