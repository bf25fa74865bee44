/**
 * The door of the namespace: one inode-based interface of file operations over a stack of layers.
 */
@NullMarked
package io.arcfs.overlay;

import org.jspecify.annotations.NullMarked;
