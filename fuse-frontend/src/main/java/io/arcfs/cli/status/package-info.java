/** What {@code arc status} says of a volume, for programs and for people. */
@NullMarked
package io.arcfs.cli.status;

import org.jspecify.annotations.NullMarked;
