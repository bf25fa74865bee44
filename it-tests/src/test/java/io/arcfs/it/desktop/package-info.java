/** What people do with an archive on a desktop: play, look through folders. */
@NullMarked
package io.arcfs.it.desktop;

import org.jspecify.annotations.NullMarked;
