@NullMarked
package io.arcfs.erofs.remap;

import org.jspecify.annotations.NullMarked;
