/** Native memory and the kernel's numbers as the transports see them; the only restricted calls. */
@NullMarked
package io.arcfs.fuse.abi;

import org.jspecify.annotations.NullMarked;
