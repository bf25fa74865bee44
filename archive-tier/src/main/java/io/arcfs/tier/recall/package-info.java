/** Bringing cold objects up: one queue and one thread per medium, in position order. */
@NullMarked
package io.arcfs.tier.recall;

import org.jspecify.annotations.NullMarked;
