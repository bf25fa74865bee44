@NullMarked
package io.arcfs.tier.medium;

import org.jspecify.annotations.NullMarked;
