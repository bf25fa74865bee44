/**
 * The offline checker: holds catalogs, names, images, containers and media of a volume that is not
 * mounted against each other. Changes nothing unless asked to repair, and then only what is
 * provably safe.
 */
@NullMarked
package io.arcfs.recovery.fsck;

import org.jspecify.annotations.NullMarked;
