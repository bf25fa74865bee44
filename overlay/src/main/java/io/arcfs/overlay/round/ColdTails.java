package io.arcfs.overlay.round;

import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Priority;
import io.arcfs.tier.TierControl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recalls, beside a build, the archived bytes that it has to write anew: the partly filled last
 * chunks of files that grew. What has not come when the deadline passes is late. Confined to the
 * round's thread, but for the recalls.
 */
final class ColdTails implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ColdTails.class);
    private static final long LOOK_AT_CLOSING_NANOS = 50_000_000;

    private final TierControl tier;
    private final CountDownLatch closing;
    private final long deadlineNanos;
    private final ExecutorService recalls = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Long, Future<?>> waiting = new HashMap<>();
    private final Set<Long> late = new HashSet<>();

    /**
     * @param wait how long from now the round may wait for cold bytes
     * @param closing counted down when nobody is to wait any more
     */
    ColdTails(TierControl tier, Duration wait, CountDownLatch closing) {
        this.tier = tier;
        this.closing = closing;
        this.deadlineNanos = System.nanoTime() + wait.toNanos();
    }

    /** Starts the recall of a file's bytes; false if all of them are on the SSD. */
    boolean request(long inode, List<DeviceExtent> extents) {
        List<DeviceExtent> cold = new ArrayList<>();
        for (DeviceExtent extent : extents) {
            if (!tier.isResident(extent)) {
                cold.add(extent);
            }
        }
        if (cold.isEmpty()) {
            return false;
        }
        waiting.put(
                inode,
                recalls.submit(() -> {
                    tier.recall(cold, Priority.PRESTAGE);
                    return inode;
                }));
        return true;
    }

    /** Waits for what was requested until the deadline; gives the files whose bytes came. */
    List<Long> awaitRecalled() throws InterruptedException {
        List<Long> recalled = new ArrayList<>();
        for (Map.Entry<Long, Future<?>> file : waiting.entrySet()) {
            try {
                await(file.getValue());
                recalled.add(file.getKey());
            } catch (ExecutionException e) {
                LOG.info("tail of inode {} cannot be recalled: {}", file.getKey(), e.getMessage());
                late.add(file.getKey());
            } catch (TimeoutException _) {
                // Cancelled: the next round asks again.
                file.getValue().cancel(true);
                late.add(file.getKey());
            }
        }
        return recalled;
    }

    private void await(Future<?> recall)
            throws InterruptedException, ExecutionException, TimeoutException {
        for (; ; ) {
            long left = closing.getCount() == 0 ? 0 : deadlineNanos - System.nanoTime();
            try {
                recall.get(Math.clamp(left, 0, LOOK_AT_CLOSING_NANOS), TimeUnit.NANOSECONDS);
                return;
            } catch (TimeoutException e) {
                if (left <= LOOK_AT_CLOSING_NANOS) {
                    throw e;
                }
            }
        }
    }

    /** Files whose bytes did not come. */
    Set<Long> late() {
        return late;
    }

    @Override
    public void close() {
        recalls.shutdownNow();
        recalls.close();
    }
}
