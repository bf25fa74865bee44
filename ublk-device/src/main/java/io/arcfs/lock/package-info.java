/** Locks that java.util.concurrent does not have. */
@NullMarked
package io.arcfs.lock;

import org.jspecify.annotations.NullMarked;
