package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.catalog.CatalogException;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import java.io.IOException;
import java.io.InterruptedIOException;

/** Turns what lower parts throw into the reasons that the file system's callers know. */
final class Failures {
    private Failures() {}

    static FsException of(IOException e) {
        return switch (e) {
            case FsException fs -> fs;
            case CatalogException c when c.noSpace() ->
                    new FsException(Reason.NO_SPACE, String.valueOf(c.getMessage()), c);
            case PosixException p when p.errno() == Errno.ENOSPC || p.errno() == Errno.EDQUOT ->
                    new FsException(Reason.NO_SPACE, String.valueOf(p.getMessage()), p);
            case PosixException p when p.errno() == Errno.EFBIG ->
                    new FsException(Reason.TOO_BIG, String.valueOf(p.getMessage()), p);
            case PosixException p when p.errno() == Errno.ENOMEM ->
                    new FsException(Reason.NO_MEMORY, String.valueOf(p.getMessage()), p);
            case PosixException p when p.errno().isShortage() ->
                    new FsException(Reason.TOO_MANY_OPEN, String.valueOf(p.getMessage()), p);
            case InterruptedIOException i ->
                    new FsException(Reason.INTERRUPTED, String.valueOf(i.getMessage()), i);
            default -> new FsException(Reason.IO, String.valueOf(e.getMessage()), e);
        };
    }

    static FsException notFound() {
        return new FsException(Reason.NOT_FOUND, "no such name");
    }

    static FsException exists() {
        return new FsException(Reason.EXISTS, "the name is taken");
    }

    static FsException notPermitted(String why) {
        return new FsException(Reason.NOT_PERMITTED, why);
    }
}
