/** Tests. */
@NullMarked
package io.arcfs.cli.metrics;

import org.jspecify.annotations.NullMarked;
