package io.arcfs.overlay.round;

import io.arcfs.tier.TierStatus.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Says what rounds are under way and how far they are. Thread-safe. */
public final class RoundProgress {
    private final List<Step> steps = new CopyOnWriteArrayList<>();

    /** One build or merge. */
    final class Step implements AutoCloseable {
        private final String kind;
        private final String subject;
        private final long totalBytes;
        private final AtomicLong doneBytes = new AtomicLong();

        private Step(String kind, String subject, long totalBytes) {
            this.kind = kind;
            this.subject = subject;
            this.totalBytes = totalBytes;
        }

        void done(long bytes) {
            doneBytes.addAndGet(bytes);
        }

        private Work work() {
            long done = doneBytes.get();
            return new Work(kind, subject, done, Math.max(totalBytes, done));
        }

        @Override
        public void close() {
            steps.remove(this);
        }
    }

    Step begin(String kind, String subject, long totalBytes) {
        Step step = new Step(kind, subject, totalBytes);
        steps.add(step);
        return step;
    }

    public List<Work> work() {
        List<Work> work = new ArrayList<>();
        steps.forEach(step -> work.add(step.work()));
        return work;
    }
}
