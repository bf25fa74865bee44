/** Help, manual pages and completions, all made from the model of the command. */
@NullMarked
package io.arcfs.cli.manual;

import org.jspecify.annotations.NullMarked;
