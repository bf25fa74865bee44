/** The transport on jnr-fuse and libfuse 2.9: operations by path, requests of up to 128 KiB. */
@NullMarked
package io.arcfs.fuse.jnr;

import org.jspecify.annotations.NullMarked;
