package io.arcfs.overlay.round;

import io.arcfs.tier.TierStatus.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Says what round is under way and how far it is. Thread-safe. */
public final class RoundProgress {
    private final AtomicLong doneBytes = new AtomicLong();
    private volatile @Nullable Work begun;

    void begin(String kind, String subject, long totalBytes) {
        doneBytes.set(0);
        begun = new Work(kind, subject, 0, totalBytes);
    }

    void done(long bytes) {
        doneBytes.addAndGet(bytes);
    }

    void end() {
        begun = null;
    }

    public List<Work> work() {
        List<Work> work = new ArrayList<>();
        Work now = begun;
        if (now != null) {
            long total = Math.max(now.totalBytes(), doneBytes.get());
            work.add(new Work(now.kind(), now.subject(), doneBytes.get(), total));
        }
        return work;
    }
}
