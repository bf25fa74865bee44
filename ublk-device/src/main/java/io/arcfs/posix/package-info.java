/**
 * The system calls that java.nio lacks: special files, byte names, symlink times, xattrs,
 * positioned I/O straight into native memory. The only package of this module that links native
 * symbols.
 */
@NullMarked
package io.arcfs.posix;

import org.jspecify.annotations.NullMarked;
