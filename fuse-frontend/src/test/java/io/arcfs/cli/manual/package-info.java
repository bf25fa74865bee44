/** Tests. */
@NullMarked
package io.arcfs.cli.manual;

import org.jspecify.annotations.NullMarked;
