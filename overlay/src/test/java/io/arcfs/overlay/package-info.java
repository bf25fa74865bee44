/** Tests of the namespace and its rounds on a tier that keeps everything on one file. */
@NullMarked
package io.arcfs.overlay;

import org.jspecify.annotations.NullMarked;
