/** Tests of merging against overlayfs and its recorded views. */
@NullMarked
package io.arcfs.erofs.merge;

import org.jspecify.annotations.NullMarked;
