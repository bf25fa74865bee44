/** The shape of the repository: folders, module directions, fences. */
@NullMarked
package io.arcfs.it.architecture;

import org.jspecify.annotations.NullMarked;
