/**
 * Crashes: a workload that says what it was promised, in a process that dies or on a machine that
 * loses power, and the comparison of what is there after with what had to be.
 */
@NullMarked
package io.arcfs.it.crash;

import org.jspecify.annotations.NullMarked;
