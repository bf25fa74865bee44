/**
 * What the command asks of an open volume, in this process or through the control socket of the one
 * that has it open: a request line of JSON, progress lines, and a line with the result or the
 * failure.
 */
@NullMarked
package io.arcfs.cli.control;

import org.jspecify.annotations.NullMarked;
