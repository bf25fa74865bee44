package io.arcfs.erofs;

/** An extended attribute with its full name ("user.x", "trusted.overlay.opaque") as bytes. */
public record Xattr(byte[] name, byte[] value) {}
