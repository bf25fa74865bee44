@NullMarked
package io.arcfs.tier.recall;

import org.jspecify.annotations.NullMarked;
