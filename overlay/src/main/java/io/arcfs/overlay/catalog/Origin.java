package io.arcfs.overlay.catalog;

import java.nio.charset.StandardCharsets;

/**
 * Where a directory record goes on below its layer: nowhere, at the same path, or at another path
 * of the merged view of the layers below. Written to images as trusted.overlay.opaque and
 * trusted.overlay.redirect.
 */
public sealed interface Origin {
    Origin NONE = new None();
    Origin SAME = new Same();

    /** Nothing below shows through: what mkdir always gives. */
    record None() implements Origin {}

    /** Merges with the directory of the same path below. */
    record Same() implements Origin {}

    /** Merges with the directory at an absolute path below; bytes without a trailing slash. */
    record Path(byte[] absolute) implements Origin {
        @Override
        public String toString() {
            return "Path[" + new String(absolute, StandardCharsets.UTF_8) + "]";
        }
    }
}
