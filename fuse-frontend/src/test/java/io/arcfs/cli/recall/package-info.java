/** Tests. */
@NullMarked
package io.arcfs.cli.recall;

import org.jspecify.annotations.NullMarked;
