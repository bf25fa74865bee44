package io.arcfs.tier.recall;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells containers that they have settled, a moment after objects came: writing down what is here
 * and forcing a whole container to the SSD must keep nobody waiting, least of all the medium.
 * Thread-safe.
 */
final class Settling implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Settling.class);
    private static final long MOMENT_MILLIS = 500;

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("settled recalls").factory());
    private final Set<RecallTarget> waiting = new LinkedHashSet<>(); // guarded by this

    synchronized void add(Collection<RecallTarget> targets) {
        boolean first = waiting.isEmpty();
        waiting.addAll(targets);
        if (first && !waiting.isEmpty() && !thread.isShutdown()) {
            var _ = thread.schedule(this::settle, MOMENT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void settle() {
        for (RecallTarget target : take()) {
            try {
                target.settled();
            } catch (RuntimeException e) {
                LOG.error("{}: what was recalled is not written down", target.id(), e);
            }
        }
    }

    private synchronized List<RecallTarget> take() {
        List<RecallTarget> taken = List.copyOf(waiting);
        waiting.clear();
        return taken;
    }

    /** Returns when all have been told. */
    @Override
    public void close() {
        thread.shutdownNow();
        boolean interrupted = false;
        while (true) {
            try {
                if (thread.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        settle();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
