/**
 * The format of a container: objects, their checksums and the footer that makes media
 * self-describing.
 */
@NullMarked
package io.arcfs.tier.container;

import org.jspecify.annotations.NullMarked;
