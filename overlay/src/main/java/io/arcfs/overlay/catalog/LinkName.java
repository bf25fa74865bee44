package io.arcfs.overlay.catalog;

import java.util.Arrays;

/** One name of an inode: the directory it stands in and its bytes there. */
public record LinkName(long parent, byte[] name) {
    public boolean isSame(LinkName other) {
        return parent == other.parent && Arrays.equals(name, other.name);
    }
}
