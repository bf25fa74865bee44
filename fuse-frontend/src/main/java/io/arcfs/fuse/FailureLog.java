package io.arcfs.fuse;

import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;

/**
 * Writes failures as ERROR lines, and repeats of one failure as counts: the 1st, 10th, 100th and so
 * on are written, so that a broken disk under a busy mount does not fill the log. Never throws.
 * Thread-safe.
 */
public final class FailureLog {
    /** More distinct failures than this share one count. */
    private static final int DISTINCT_LIMIT = 256;

    private final Logger logger;
    private final ConcurrentHashMap<String, Long> counts = new ConcurrentHashMap<>();

    public FailureLog(Logger logger) {
        this.logger = logger;
    }

    /** Notes that {@code operation} was answered with EIO. */
    public void report(String operation, Throwable failure) {
        try {
            String distinct = operation + ' ' + failure;
            String key =
                    counts.size() < DISTINCT_LIMIT || counts.containsKey(distinct)
                            ? distinct
                            : "other";
            long count = counts.merge(key, 1L, Long::sum);
            if (isPowerOfTen(count)) {
                logger.error("{} failed, answered EIO; seen {} times", operation, count, failure);
            }
        } catch (Throwable unloggable) {
            // The failure may be the lack of memory that a log line needs; EIO still goes out.
        }
    }

    private static boolean isPowerOfTen(long count) {
        long rest = count;
        while (rest % 10 == 0) {
            rest /= 10;
        }
        return rest == 1;
    }
}
