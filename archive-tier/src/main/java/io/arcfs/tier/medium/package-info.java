/** Cold media: sequential places for whole containers, read back in ranges. */
@NullMarked
package io.arcfs.tier.medium;

import org.jspecify.annotations.NullMarked;
