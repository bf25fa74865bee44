/**
 * The on-disk structures as layouts: names, offsets and sizes as in {@code erofs_fs.h}, with
 * accessors that read fields in place. No logic, no bounds checks of its own.
 *
 * @see <a
 *     href="https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git/tree/fs/erofs/erofs_fs.h?h=v6.18">erofs_fs.h
 *     at v6.18</a>
 */
@NullMarked
package io.arcfs.erofs.layout;

import org.jspecify.annotations.NullMarked;
