/**
 * The {@code arc} command: its entry, its arguments, and how failures become one line.
 *
 * <p>C1: a failure is one line on standard error, {@code arc: what: why; what to do}, and exit code
 * 1, or 2 if the arguments were wrong. C2: what fails has changed nothing it does not name.
 */
@NullMarked
package io.arcfs.cli;

import org.jspecify.annotations.NullMarked;
