/** Who causes recalls: named, counted, logged, and refused where the volume says so. */
@NullMarked
package io.arcfs.cli.recall;

import org.jspecify.annotations.NullMarked;
