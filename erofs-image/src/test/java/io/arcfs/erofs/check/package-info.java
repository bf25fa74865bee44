/** Tests of the package of the same name. */
@NullMarked
package io.arcfs.erofs.check;

import org.jspecify.annotations.NullMarked;
