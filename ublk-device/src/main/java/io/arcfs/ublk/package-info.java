/**
 * A server of block devices: the kernel's ublk driver hands requests to this process.
 *
 * <p>U1: every request is answered exactly once, with an error if the target fails in any way. U2:
 * a queue's thread never waits for a target; slow requests are completed by other threads, out of
 * order. U3: control commands run off the queues' threads and are bounded in time. U4: nothing that
 * is needed to answer a request is loaded, allocated or paged in for the first time under one.
 */
@NullMarked
package io.arcfs.ublk;

import org.jspecify.annotations.NullMarked;
