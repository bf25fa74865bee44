@NullMarked
package io.arcfs.lock;

import org.jspecify.annotations.NullMarked;
