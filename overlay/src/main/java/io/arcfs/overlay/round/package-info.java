/**
 * What turns a sealed upper into an image, and images into one: seal, build, activate, merge.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A1: data and image are durable on the device before the commit that names them.
 *   <li>A2: a step that a crash cut off is done again from the start; nothing it left is ever
 *       referred to.
 *   <li>A3: what a layer was made from is deleted only after the commit that replaces it.
 * </ul>
 */
@NullMarked
package io.arcfs.overlay.round;

import org.jspecify.annotations.NullMarked;
