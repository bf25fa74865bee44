/** Tests of the command line that need no mount. */
@NullMarked
package io.arcfs.cli.status;

import org.jspecify.annotations.NullMarked;
