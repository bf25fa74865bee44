package io.arcfs.tier.medium;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The time in which a simulated medium moves. Thread-safe. */
public interface MediumClock {
    /** Nanoseconds since some moment. */
    long nanos();

    /** Lets the duration pass. */
    void pass(Duration duration);

    /**
     * Real time, slowed down or hurried by a factor.
     *
     * @param scale real seconds per second of the model
     */
    static MediumClock scaled(double scale) {
        return new MediumClock() {
            private final long start = System.nanoTime();

            @Override
            public long nanos() {
                long real = System.nanoTime() - start;
                return scale == 0 ? real : (long) (real / scale);
            }

            @Override
            public void pass(Duration duration) {
                long end = System.nanoTime() + (long) (duration.toNanos() * scale);
                boolean interrupted = false;
                for (long left = end - System.nanoTime();
                        left > 0;
                        left = end - System.nanoTime()) {
                    LockSupport.parkNanos(this, left);
                    interrupted |= Thread.interrupted();
                }
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    /** Time that passes only when someone lets it. */
    static MediumClock virtual() {
        AtomicLong now = new AtomicLong();
        return new MediumClock() {
            @Override
            public long nanos() {
                return now.get();
            }

            @Override
            public void pass(Duration duration) {
                now.addAndGet(duration.toNanos());
            }
        };
    }
}
