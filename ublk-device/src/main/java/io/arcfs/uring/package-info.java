/**
 * The kernel's asynchronous rings: requests in, completions out, no allocation per request.
 *
 * <p>R1: a word that the kernel writes is read with acquire, one that it reads is written with
 * release. R2: a ring knows how many of its requests are in flight; it is closed, and its buffers
 * are unregistered, only when there are none. R3: no completion is lost, also when more come than
 * the completion queue holds.
 */
@NullMarked
package io.arcfs.uring;

import org.jspecify.annotations.NullMarked;
