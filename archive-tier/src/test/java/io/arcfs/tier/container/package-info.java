@NullMarked
package io.arcfs.tier.container;

import org.jspecify.annotations.NullMarked;
