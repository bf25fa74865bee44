package io.arcfs.cli.daemon;

import io.arcfs.cli.control.Progress;
import io.arcfs.recovery.Volume;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the background work of a volume while a command waits for it. Started by one thread,
 * closed by the same.
 */
final class WorkWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkWatch.class);
    private static final long INTERVAL_MILLIS = 300;

    private final CountDownLatch over = new CountDownLatch(1);
    private final Volume volume;
    private final Progress progress;
    private final Thread thread;

    private WorkWatch(Volume volume, Progress progress) {
        this.volume = volume;
        this.progress = progress;
        this.thread = Thread.ofPlatform().name("work-watch").daemon(true).unstarted(this::watch);
    }

    static WorkWatch start(Volume volume, Progress progress) {
        WorkWatch watch = new WorkWatch(volume, progress);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        try {
            while (!over.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                report();
            }
        } catch (InterruptedException e) {
            LOG.debug("work watch interrupted");
        } catch (IOException | RuntimeException e) {
            LOG.warn("work watch ended", e);
        }
    }

    private void report() throws IOException {
        volume.overlay()
                .status()
                .work()
                .forEach(w -> step(w.kind(), w.subject(), w.doneBytes(), w.totalBytes()));
        volume.tier()
                .control()
                .status()
                .work()
                .forEach(w -> step(w.kind(), w.subject(), w.doneBytes(), w.totalBytes()));
    }

    private void step(String kind, String subject, long doneBytes, long totalBytes) {
        progress.report(new Progress.Step(kind, subject, doneBytes, totalBytes));
    }

    @Override
    public void close() {
        over.countDown();
        try {
            thread.join(2 * INTERVAL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
