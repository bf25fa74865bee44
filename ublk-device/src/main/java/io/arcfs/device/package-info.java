/** Block devices: a flat range of bytes that is read, written, flushed and discarded in blocks. */
@NullMarked
package io.arcfs.device;

import org.jspecify.annotations.NullMarked;
