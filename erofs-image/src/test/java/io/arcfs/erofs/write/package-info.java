/** Tests of the writer, and trees to write. */
@NullMarked
package io.arcfs.erofs.write;

import org.jspecify.annotations.NullMarked;
