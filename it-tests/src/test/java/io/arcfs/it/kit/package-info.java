/**
 * What the tests on real mounts are made of: the command from outside, volumes, made trees, the
 * kernel as oracle, and snapshots of trees that are taken with foreign programs.
 */
@NullMarked
package io.arcfs.it.kit;

import org.jspecify.annotations.NullMarked;
