/**
 * The door of the tier: one device address space whose containers are staged on SSD, destaged to
 * cold media and recalled on demand.
 */
@NullMarked
package io.arcfs.tier;

import org.jspecify.annotations.NullMarked;
