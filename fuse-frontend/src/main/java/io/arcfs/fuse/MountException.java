package io.arcfs.fuse;

/** A mount or unmount that cannot be done; the message is one line: what, why, what to do. */
public class MountException extends Exception {
    private static final long serialVersionUID = 1L;

    public MountException(String message) {
        super(message);
    }

    public MountException(String message, Throwable cause) {
        super(message, cause);
    }
}
