/** The same image with its data elsewhere. */
@NullMarked
package io.arcfs.erofs.remap;

import org.jspecify.annotations.NullMarked;
