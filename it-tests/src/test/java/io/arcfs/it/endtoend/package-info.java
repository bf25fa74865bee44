/** The main path, judged by its source and by the kernel. */
@NullMarked
package io.arcfs.it.endtoend;

import org.jspecify.annotations.NullMarked;
