/** Where files are and what bringing them back would cost, as JSON and for people. */
@NullMarked
package io.arcfs.cli.explain;

import org.jspecify.annotations.NullMarked;
