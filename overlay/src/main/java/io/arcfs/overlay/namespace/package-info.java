/**
 * The file operations over the stack of layers.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>N1: in any layer an inode has none or all of its present names (link sets travel together).
 *   <li>N2: a directory that holds anything in the active upper is described there, and so are all
 *       directories above it.
 *   <li>N3: memory shows a change only after its catalog commit.
 * </ul>
 *
 * <p>Order of locks: {@code appendLock} of a node, {@code namespaceLock}, monitor of a node. No
 * file data is read or written under the latter two. Who holds {@code namespaceLock} calls nothing
 * that takes it: the methods that do say nothing of wanting it.
 */
@NullMarked
package io.arcfs.overlay.namespace;

import org.jspecify.annotations.NullMarked;
