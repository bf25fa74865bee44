@NullMarked
package io.arcfs.tier.ssd;

import org.jspecify.annotations.NullMarked;
