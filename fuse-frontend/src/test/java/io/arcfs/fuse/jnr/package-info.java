/** The libfuse transport on real mounts. */
@NullMarked
package io.arcfs.fuse.jnr;

import org.jspecify.annotations.NullMarked;
