/**
 * Opens a volume: its descriptor, its lock, its tier and its namespace, and what a crash left in
 * any of them.
 *
 * <p>R1: a volume is open in one process at most. R2: an open that fails leaves nothing locked,
 * nothing started and nothing changed but what recovery made whole. R3: a descriptor is either
 * wholly valid or refused with the place and the reason.
 */
@NullMarked
package io.arcfs.recovery;

import org.jspecify.annotations.NullMarked;
