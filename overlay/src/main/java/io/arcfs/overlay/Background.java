package io.arcfs.overlay;

import io.arcfs.overlay.namespace.Namespace;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of an overlay: one makes appends durable every commit interval, one starts rounds
 * when the threshold or the age is reached, one merges when the policy says so and tidies the
 * catalog. Thread-safe.
 */
final class Background {
    private static final Logger LOG = LoggerFactory.getLogger(Background.class);
    private static final Duration LOOK_FOR_WORK = Duration.ofMillis(200);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

    private final Overlay overlay;
    private final OverlayOptions options;
    private final Namespace namespace;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread committer;
    private final Thread rounds;
    private final Thread merges;
    private volatile @Nullable String commitProblem;
    private final AtomicReference<@Nullable String> roundProblem = new AtomicReference<>();
    private final AtomicReference<@Nullable String> mergeProblem = new AtomicReference<>();
    private long oldestChangeNanos;

    Background(Overlay overlay, OverlayOptions options, Namespace namespace) {
        this.overlay = overlay;
        this.options = options;
        this.namespace = namespace;
        this.committer =
                Thread.ofPlatform().daemon().name("arcfs-committer").unstarted(this::commitLoop);
        this.rounds =
                Thread.ofPlatform()
                        .daemon()
                        .name("arcfs-rounds")
                        .unstarted(() ->
                                loop(
                                        this::runDueRounds,
                                        roundProblem,
                                        "archiving does not succeed"));
        this.merges =
                Thread.ofPlatform()
                        .daemon()
                        .name("arcfs-merges")
                        .unstarted(() ->
                                loop(this::runDueMerge, mergeProblem, "merging does not succeed"));
    }

    void start() {
        committer.start();
        rounds.start();
        merges.start();
    }

    List<String> problems() {
        return Stream.of(commitProblem, roundProblem.get(), mergeProblem.get())
                .filter(Objects::nonNull)
                .map(String::valueOf)
                .toList();
    }

    private boolean pause(Duration time) throws InterruptedException {
        return !stopped.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void commitLoop() {
        try {
            // What a process that died left in flight has waited long enough.
            Duration wait =
                    namespace.committer().hasInherited() ? Duration.ZERO : options.commitInterval();
            while (pause(wait)) {
                wait = options.commitInterval();
                try {
                    namespace.committer().syncAll();
                    commitProblem = null;
                } catch (IOException | RuntimeException e) {
                    if (commitProblem == null) {
                        LOG.error("commit failed; it is tried again", e);
                    }
                    commitProblem = "writes do not become durable: " + e.getMessage();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Work that is looked for again and again; a failure is tried again later. */
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void loop(Work work, AtomicReference<@Nullable String> problem, String failure) {
        try {
            Duration wait = Duration.ZERO;
            while (pause(wait)) {
                try {
                    wait = LOOK_FOR_WORK;
                    work.run();
                    problem.set(null);
                } catch (IOException | RuntimeException e) {
                    String what = failure + ": " + e.getMessage();
                    if (problem.getAndSet(what) == null) {
                        LOG.error("{}; it is tried again", failure, e);
                    }
                    wait = AFTER_FAILURE;
                }
            }
        } catch (InterruptedException _) {
            // What was under way is resumed when the volume is opened again.
            Thread.currentThread().interrupt();
        }
    }

    private void runDueMerge() throws IOException, InterruptedException {
        namespace.tidy();
        if (overlay.isMergeDue()) {
            overlay.merge(MergeScope.POLICY);
        }
    }

    private void runDueRounds() throws IOException, InterruptedException {
        boolean due = isOld() || namespace.newBytes() >= options.archiveThresholdBytes();
        if (due) {
            oldestChangeNanos = 0;
            overlay.archive();
        } else if (namespace.hasSealedLayer()) {
            overlay.archiveSealed();
        } else if (namespace.space().isWanted() && pause(LOOK_FOR_WORK)) {
            overlay.makeSpace();
        } else if (namespace.space().isInodeWanted()) {
            overlay.archive();
            namespace.committer().syncAll(); // removes what was archived
        }
    }

    /** Whether the active layer has held something for longer than {@code archive.maxAge}. */
    private boolean isOld() {
        if (options.archiveMaxAge().isZero() || namespace.activeBytes().get() == 0) {
            oldestChangeNanos = 0;
            return false;
        }
        long now = System.nanoTime();
        if (oldestChangeNanos == 0) {
            oldestChangeNanos = now;
        }
        return now - oldestChangeNanos >= options.archiveMaxAge().toNanos();
    }

    /** Lets a round under way finish: its steps are bounded by the speed of the SSD. */
    void stop() {
        stopped.countDown();
        try {
            committer.join();
            rounds.join();
            merges.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
