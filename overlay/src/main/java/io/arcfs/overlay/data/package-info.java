/**
 * File data: append files on the SSD, archived runs on the device, and where each byte of a file
 * is.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>D1: a byte of an append file is written once; offsets are those of its inode's file.
 *   <li>D2: an append file is unlinked only when no upper record names it and no handle is open on
 *       its inode, or a handle holds its descriptor.
 * </ul>
 */
@NullMarked
package io.arcfs.overlay.data;

import org.jspecify.annotations.NullMarked;
