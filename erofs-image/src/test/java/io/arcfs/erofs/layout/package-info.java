/** Tests of the package of the same name. */
@NullMarked
package io.arcfs.erofs.layout;

import org.jspecify.annotations.NullMarked;
