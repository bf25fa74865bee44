/** The Debian package: made, installed, used, removed. */
@NullMarked
package io.arcfs.it.packaging;

import org.jspecify.annotations.NullMarked;
