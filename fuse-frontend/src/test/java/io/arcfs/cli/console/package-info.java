/** Tests. */
@NullMarked
package io.arcfs.cli.console;

import org.jspecify.annotations.NullMarked;
