/** What the tier knows durably: the state of every container and where its copies are. */
@NullMarked
package io.arcfs.tier.catalog;

import org.jspecify.annotations.NullMarked;
