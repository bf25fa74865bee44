/**
 * io_uring as the kernel's headers define it: struct layouts, numbers, the three system calls. The
 * only place of the ring that links native symbols.
 */
@NullMarked
package io.arcfs.uring.abi;

import org.jspecify.annotations.NullMarked;
