/**
 * A volume made anew from its cold media alone: containers say of themselves what they hold, and
 * which images end in them.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>B1: nothing on a medium is changed before the volume is whole.
 *   <li>B2: arc.json comes last: a rebuild that was cut off leaves no volume, and is begun anew.
 *   <li>B3: what is missing is named, and never read as something else.
 * </ul>
 */
@NullMarked
package io.arcfs.recovery.rebuild;

import org.jspecify.annotations.NullMarked;
