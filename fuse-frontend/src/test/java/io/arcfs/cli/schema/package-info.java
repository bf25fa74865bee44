/** Tests. */
@NullMarked
package io.arcfs.cli.schema;

import org.jspecify.annotations.NullMarked;
