/** The verbs of the {@code arc} command, one small class each. */
@NullMarked
package io.arcfs.cli.verb;

import org.jspecify.annotations.NullMarked;
