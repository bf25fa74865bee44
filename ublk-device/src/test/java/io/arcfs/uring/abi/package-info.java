/** Tests of layouts against the C headers. */
@NullMarked
package io.arcfs.uring.abi;

import org.jspecify.annotations.NullMarked;
