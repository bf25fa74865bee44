/** The native transport on real mounts. */
@NullMarked
package io.arcfs.fuse.kernel;

import org.jspecify.annotations.NullMarked;
