package io.arcfs.fuse;

/** This kernel lacks what a transport needs; another transport may do. */
public final class UnsupportedKernelException extends MountException {
    private static final long serialVersionUID = 1L;

    public UnsupportedKernelException(String message) {
        super(message);
    }
}
