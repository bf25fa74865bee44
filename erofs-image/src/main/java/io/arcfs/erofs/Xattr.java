package io.arcfs.erofs;

import io.arcfs.erofs.layout.XattrLayout;

/** An extended attribute with its full name ("user.x", "trusted.overlay.opaque") as bytes. */
public record Xattr(byte[] name, byte[] value) {
    /** Whether the format has a place for attributes of this name. */
    public static boolean hasPlace(byte[] name) {
        return XattrLayout.indexOf(name) != XattrLayout.NO_INDEX;
    }
}
