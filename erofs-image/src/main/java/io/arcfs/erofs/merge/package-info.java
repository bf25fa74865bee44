/** A stack of images in, one image out; what kernel overlayfs would show of the stack. */
@NullMarked
package io.arcfs.erofs.merge;

import org.jspecify.annotations.NullMarked;
