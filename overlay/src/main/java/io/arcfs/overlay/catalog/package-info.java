/**
 * The catalog of the namespace: layers, names, inodes, append files, address allocation, in one
 * RocksDB. The only package of this module that knows RocksDB; docs/format/catalog.md is its
 * format.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>C1: a batch is visible, and durable, as a whole or not at all.
 *   <li>C2: a synced commit makes every earlier commit durable.
 *   <li>C3: an unsynced commit survives the death of the process, not of the machine.
 * </ul>
 */
@NullMarked
package io.arcfs.overlay.catalog;

import org.jspecify.annotations.NullMarked;
