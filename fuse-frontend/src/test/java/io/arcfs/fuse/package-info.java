/** The transports, tested against a file system in memory. */
@NullMarked
package io.arcfs.fuse;

import org.jspecify.annotations.NullMarked;
