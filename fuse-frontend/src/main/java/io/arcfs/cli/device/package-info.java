/**
 * Devices that the ublk driver exports: their servers, each a process of its own, and what is known
 * of them on this host.
 */
@NullMarked
package io.arcfs.cli.device;

import org.jspecify.annotations.NullMarked;
