package io.arcfs.ublk;

import io.arcfs.posix.PosixException;
import java.io.IOException;

/** This machine, or this user, cannot have ublk devices; the message says why and what helps. */
public final class UblkUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String remedy;

    private UblkUnavailableException(String why, String remedy, Throwable cause) {
        super(why, cause);
        this.remedy = remedy;
    }

    /** What a person can do. */
    public String remedy() {
        return remedy;
    }

    static UblkUnavailableException ofControlNode(PosixException e) {
        return switch (e.errno()) {
            case ENOENT, ENXIO, ENODEV ->
                    new UblkUnavailableException(
                            "the kernel has no ublk driver loaded (" + UblkControl.NODE + ")",
                            "modprobe ublk_drv, on a kernel of 6.4 or later that has it",
                            e);
            case EACCES, EPERM ->
                    new UblkUnavailableException(
                            "no permission to use " + UblkControl.NODE,
                            "be root, or open the node to this user for unprivileged devices",
                            e);
            default ->
                    new UblkUnavailableException(
                            String.valueOf(e.getMessage()), "look into the kernel's log", e);
        };
    }

    static UblkUnavailableException ofRing(PosixException e) {
        return switch (e.errno()) {
            case EPERM, ENOSYS ->
                    new UblkUnavailableException(
                            "io_uring is disabled for this user or on this kernel",
                            "sysctl kernel.io_uring_disabled=0",
                            e);
            default ->
                    new UblkUnavailableException(
                            String.valueOf(e.getMessage()), "look into the kernel's log", e);
        };
    }
}
