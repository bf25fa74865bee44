/**
 * The SSD tier: container cache files whose every block is checked by a CRC32C made when it
 * arrived.
 */
@NullMarked
package io.arcfs.tier.ssd;

import org.jspecify.annotations.NullMarked;
