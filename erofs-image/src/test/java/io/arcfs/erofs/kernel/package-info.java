/** The kernel as the judge: mounts, and what is seen through them. */
@NullMarked
package io.arcfs.erofs.kernel;

import org.jspecify.annotations.NullMarked;
