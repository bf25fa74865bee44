@NullMarked
package io.arcfs.tier;

import org.jspecify.annotations.NullMarked;
