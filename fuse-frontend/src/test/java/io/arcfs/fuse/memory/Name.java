package io.arcfs.fuse.memory;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Bytes of a name as a map key. Immutable, as long as nobody changes the array. */
record Name(byte[] bytes) {
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Name name && Arrays.equals(name.bytes, bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
