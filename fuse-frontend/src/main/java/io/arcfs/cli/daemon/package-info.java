/**
 * The process that has a volume open: one per mount, or the command itself for a volume that is not
 * mounted; and how one finds and starts the other.
 */
@NullMarked
package io.arcfs.cli.daemon;

import org.jspecify.annotations.NullMarked;
