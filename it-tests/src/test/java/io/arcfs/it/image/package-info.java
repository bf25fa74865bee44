/** Stand-alone images that the command makes and reads, judged by the kernel. */
@NullMarked
package io.arcfs.it.image;

import org.jspecify.annotations.NullMarked;
