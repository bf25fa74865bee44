/** Tests of the rings on this machine's kernel. */
@NullMarked
package io.arcfs.uring;

import org.jspecify.annotations.NullMarked;
