@NullMarked
package io.arcfs.tier.catalog;

import org.jspecify.annotations.NullMarked;
