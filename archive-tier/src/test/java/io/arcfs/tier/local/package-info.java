@NullMarked
package io.arcfs.tier.local;

import org.jspecify.annotations.NullMarked;
