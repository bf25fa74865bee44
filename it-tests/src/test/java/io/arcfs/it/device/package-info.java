/** Block devices in a virtual machine whose kernel has the ublk driver. */
@NullMarked
package io.arcfs.it.device;

import org.jspecify.annotations.NullMarked;
