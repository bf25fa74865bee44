/** A file system in memory with the rules of the real one. */
@NullMarked
package io.arcfs.fuse.memory;

import org.jspecify.annotations.NullMarked;
