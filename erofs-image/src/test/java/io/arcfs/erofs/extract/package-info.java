/** Tests of the package of the same name. */
@NullMarked
package io.arcfs.erofs.extract;

import org.jspecify.annotations.NullMarked;
