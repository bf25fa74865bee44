package io.arcfs.tier.local;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Holds background work back: to so many bytes per second, and while readers wait for a medium.
 * Confined to the thread that does the work.
 */
final class Pace {
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Readers that never end must not keep data off its media for good. */
    private static final long LONGEST_YIELD_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final long bytesPerSecond;
    private final BooleanSupplier othersFirst;
    private final BooleanSupplier stopped;
    private long freeAtNanos = System.nanoTime();

    /**
     * @param bytesPerSecond 0: no bound
     * @param othersFirst whether somebody waits who goes first
     */
    Pace(long bytesPerSecond, BooleanSupplier othersFirst, BooleanSupplier stopped) {
        this.bytesPerSecond = bytesPerSecond;
        this.othersFirst = othersFirst;
        this.stopped = stopped;
    }

    /** Returns when so many bytes may be moved. */
    void before(long bytes) {
        long start = System.nanoTime();
        while (othersFirst.getAsBoolean()
                && !stopped.getAsBoolean()
                && System.nanoTime() - start < LONGEST_YIELD_NANOS) {
            LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
        }
        if (bytesPerSecond <= 0) {
            return;
        }
        while (!stopped.getAsBoolean() && freeAtNanos - System.nanoTime() > 0) {
            LockSupport.parkNanos(
                    this, Math.min(LOOK_AGAIN_NANOS, freeAtNanos - System.nanoTime()));
        }
        // What was not used while idle is not made up for.
        freeAtNanos =
                Math.max(freeAtNanos, System.nanoTime()) + (long) (bytes * 1e9 / bytesPerSecond);
    }
}
