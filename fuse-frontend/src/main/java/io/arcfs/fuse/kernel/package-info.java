/**
 * The native transport: the kernel's FUSE protocol spoken on /dev/fuse, without libfuse.
 *
 * <p>A request goes: {@link io.arcfs.fuse.kernel.Reader} (one read(2)) to {@link
 * io.arcfs.fuse.kernel.Dispatcher} to one of the {@code ...Requests} classes to the {@link
 * io.arcfs.overlay.FileSystem}; its answer is encoded by {@link io.arcfs.fuse.kernel.Reply} and
 * leaves with one write(2).
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/fuse.h">linux/fuse.h</a>
 */
@NullMarked
package io.arcfs.fuse.kernel;

import org.jspecify.annotations.NullMarked;
