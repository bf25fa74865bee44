/**
 * The transport door: how a {@link io.arcfs.overlay.FileSystem} becomes a mounted directory, and
 * what every transport shares. Below it stands one package per transport.
 */
@NullMarked
package io.arcfs.fuse;

import org.jspecify.annotations.NullMarked;
