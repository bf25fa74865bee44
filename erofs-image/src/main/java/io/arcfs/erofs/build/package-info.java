/**
 * The data of files, copied into a blob or an image, chunk by chunk; what it comes from and goes to
 * is injected.
 */
@NullMarked
package io.arcfs.erofs.build;

import org.jspecify.annotations.NullMarked;
