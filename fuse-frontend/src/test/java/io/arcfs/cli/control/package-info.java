/** Tests of the command line that need no mount. */
@NullMarked
package io.arcfs.cli.control;

import org.jspecify.annotations.NullMarked;
