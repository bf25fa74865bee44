/** Unit tests of what rounds are made of. */
@NullMarked
package io.arcfs.overlay.round;

import org.jspecify.annotations.NullMarked;
