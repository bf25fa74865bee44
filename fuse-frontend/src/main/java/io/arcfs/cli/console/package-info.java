/** What stands between the command and a person's terminal: its size, colour, drawing in place. */
@NullMarked
package io.arcfs.cli.console;

import org.jspecify.annotations.NullMarked;
