/** What this machine has and lacks for arcfs. */
@NullMarked
package io.arcfs.cli.doctor;

import org.jspecify.annotations.NullMarked;
