/**
 * Layers and the one resolver that stacks them: the only place that knows overlay rules.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>R1: for a name, the newest layer that says anything decides; a whiteout says "no".
 *   <li>R2: directories of one name merge from new to old until a stop: an origin of NONE, a
 *       whiteout, or an older non-directory.
 *   <li>R3: a redirect goes on in the merged view of the layers below its own, where R1 to R3 hold
 *       for every component of its path.
 * </ul>
 */
@NullMarked
package io.arcfs.overlay.stack;

import org.jspecify.annotations.NullMarked;
