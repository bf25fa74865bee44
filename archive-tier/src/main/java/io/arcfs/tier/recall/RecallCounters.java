package io.arcfs.tier.recall;

/**
 * Recalls since the tier was opened. Immutable.
 *
 * @param queued objects waiting now
 * @param running objects being read now
 * @param done requests that have ended
 * @param objects objects brought back
 * @param bytes bytes of them
 */
public record RecallCounters(long queued, long running, long done, long objects, long bytes) {}
