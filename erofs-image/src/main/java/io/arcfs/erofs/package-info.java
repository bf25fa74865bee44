/** The door of the format: open an image, look up, list, describe, read. */
@NullMarked
package io.arcfs.erofs;

import org.jspecify.annotations.NullMarked;
