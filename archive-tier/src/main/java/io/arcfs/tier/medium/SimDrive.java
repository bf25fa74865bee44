package io.arcfs.tier.medium;

import java.time.Duration;

/**
 * The moving part of a simulated medium: where it stands, and what time getting elsewhere takes.
 * Guarded by itself: a drive does one thing at a time.
 */
public final class SimDrive {
    private final AccessCosts costs;
    private final MediumClock clock;
    private boolean mounted;
    private long position;
    private long locates;
    private long busyNanos;

    public SimDrive(AccessCosts costs, MediumClock clock) {
        this.costs = costs;
        this.clock = clock;
    }

    /** Lets pass what reading or writing these bytes there takes, and stands behind them then. */
    public synchronized void access(long at, long bytes) {
        Duration way = costs.locate(position, at);
        if (!mounted) {
            mounted = true;
            way = way.plus(costs.mount());
        }
        if (at != position) {
            locates++;
        }
        position = at + bytes;
        Duration all = way.plus(costs.transfer(bytes));
        busyNanos += all.toNanos();
        clock.pass(all);
    }

    /** Movements so far. */
    public synchronized long locates() {
        return locates;
    }

    /** Time the drive was at it. */
    public synchronized Duration busy() {
        return Duration.ofNanos(busyNanos);
    }
}
