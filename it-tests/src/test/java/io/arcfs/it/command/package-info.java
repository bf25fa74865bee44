/** The {@code arc} command as a person or a script meets it. */
@NullMarked
package io.arcfs.it.command;

import org.jspecify.annotations.NullMarked;
