/** An image in, a tree of files out, through an interface that somebody else implements. */
@NullMarked
package io.arcfs.erofs.extract;

import org.jspecify.annotations.NullMarked;
