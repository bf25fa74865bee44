/** The tier on real mounts: what stays on the SSD, and what comes back. */
@NullMarked
package io.arcfs.it.tier;

import org.jspecify.annotations.NullMarked;
