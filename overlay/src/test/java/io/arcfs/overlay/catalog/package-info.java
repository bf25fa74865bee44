/** Tests of the catalog's files. */
@NullMarked
package io.arcfs.overlay.catalog;

import org.jspecify.annotations.NullMarked;
