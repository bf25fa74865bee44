/** Tests of what opens a volume. */
@NullMarked
package io.arcfs.recovery;

import org.jspecify.annotations.NullMarked;
