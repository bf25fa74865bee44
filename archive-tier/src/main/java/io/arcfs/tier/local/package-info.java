/** The tier inside one process: the device view, states of containers, destage and eviction. */
@NullMarked
package io.arcfs.tier.local;

import org.jspecify.annotations.NullMarked;
