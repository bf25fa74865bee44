/** Tests. */
@NullMarked
package io.arcfs.cli.doctor;

import org.jspecify.annotations.NullMarked;
