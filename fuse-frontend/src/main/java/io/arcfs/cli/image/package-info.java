/** What the {@code arc image} verbs do with an EROFS image, ours or not. */
@NullMarked
package io.arcfs.cli.image;

import org.jspecify.annotations.NullMarked;
