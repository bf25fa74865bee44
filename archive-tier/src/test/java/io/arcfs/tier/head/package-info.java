@NullMarked
package io.arcfs.tier.head;

import org.jspecify.annotations.NullMarked;
