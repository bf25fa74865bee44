/** Tree in, image out. */
@NullMarked
package io.arcfs.erofs.write;

import org.jspecify.annotations.NullMarked;
