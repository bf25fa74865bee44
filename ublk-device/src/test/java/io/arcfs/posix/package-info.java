@NullMarked
package io.arcfs.posix;

import org.jspecify.annotations.NullMarked;
