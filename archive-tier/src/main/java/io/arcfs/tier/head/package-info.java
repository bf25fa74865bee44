/**
 * The heads of archived files: what stays on the SSD when everything else is on cold media only,
 * packed into one file per container.
 */
@NullMarked
package io.arcfs.tier.head;

import org.jspecify.annotations.NullMarked;
