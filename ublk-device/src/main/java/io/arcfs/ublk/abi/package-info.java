/** The userspace block driver of the kernel as its header defines it: structs and numbers. */
@NullMarked
package io.arcfs.ublk.abi;

import org.jspecify.annotations.NullMarked;
