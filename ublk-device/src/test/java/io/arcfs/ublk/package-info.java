/** Tests of what needs no driver; the rest is tested in a virtual machine by it-tests. */
@NullMarked
package io.arcfs.ublk;

import org.jspecify.annotations.NullMarked;
