/** Tests of a tier behind a socket. */
@NullMarked
package io.arcfs.tier.export;

import org.jspecify.annotations.NullMarked;
