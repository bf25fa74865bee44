package io.arcfs.fuse.kernel;

/** A request that says of itself what cannot be: not the kernel's, or a protocol we do not know. */
final class MalformedRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedRequestException(String message) {
        super(message);
    }
}
