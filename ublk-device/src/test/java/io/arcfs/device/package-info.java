@NullMarked
package io.arcfs.device;

import org.jspecify.annotations.NullMarked;
