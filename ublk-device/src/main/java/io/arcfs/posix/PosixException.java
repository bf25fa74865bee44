package io.arcfs.posix;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A system call that failed, with its error number; the message reads {@code pwrite: ENOSPC (No
 * space left on device): /path}.
 */
public final class PosixException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;
    private final String operation;

    /**
     * @param operation the system call's name
     * @param subject the path it was about, or null when it is not known
     */
    public PosixException(String operation, Errno errno, @Nullable String subject) {
        super(
                operation
                        + ": "
                        + errno.name()
                        + " ("
                        + errno.description()
                        + ")"
                        + (subject == null ? "" : ": " + subject));
        this.errno = errno;
        this.operation = operation;
    }

    public Errno errno() {
        return errno;
    }

    /** The system call's name. */
    public String operation() {
        return operation;
    }
}
