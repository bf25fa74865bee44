/**
 * A tier that another process owns: its bytes through the block device that process exports, its
 * commands through a socket.
 *
 * <p>E1: a read asks for its bytes through the socket first, where it can be interrupted, so that
 * it does not wait inside the block device. E2: a command whose caller goes away is interrupted.
 */
@NullMarked
package io.arcfs.tier.export;

import org.jspecify.annotations.NullMarked;
