/** Everything that can be wrong with an image, as findings. */
@NullMarked
package io.arcfs.erofs.check;

import org.jspecify.annotations.NullMarked;
