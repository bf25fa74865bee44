/**
 * Named places between two durable writes, where tests kill the process or make an operation fail.
 * Off, and free, unless the JVM is started with {@code -Darcfs.faults=true} or {@code
 * -Darcfs.failpoint}. docs/durability.md lists the protocol they stand in.
 */
@NullMarked
package io.arcfs.failpoint;

import org.jspecify.annotations.NullMarked;
