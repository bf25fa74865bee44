/** Tests of the namespace's nodes. */
@NullMarked
package io.arcfs.overlay.namespace;

import org.jspecify.annotations.NullMarked;
