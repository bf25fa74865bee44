package io.arcfs.fuse.kernel;

/**
 * Interrupts of requests that no reader was seen to serve: the kernel may hand one to another
 * reader before the request's own has looked at it. The latest few are kept; a forgotten one only
 * means that a waiting program is interrupted later. Thread-safe.
 */
final class Interrupts {
    private static final int KEPT = 64;

    private final long[] uniques = new long[KEPT];
    private int next;

    synchronized void keep(long unique) {
        uniques[next++ % KEPT] = unique;
    }

    /** Whether that request was interrupted; says so once. */
    synchronized boolean take(long unique) {
        for (int i = 0; i < KEPT; i++) {
            if (uniques[i] == unique) {
                uniques[i] = 0;
                return true;
            }
        }
        return false;
    }
}
