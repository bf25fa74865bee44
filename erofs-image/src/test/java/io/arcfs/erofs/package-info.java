/** Tests of the format against the corpus, the kernel and itself. */
@NullMarked
package io.arcfs.erofs;

import org.jspecify.annotations.NullMarked;
