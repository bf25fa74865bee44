package io.arcfs.tier.local;

import io.arcfs.tier.ContainerState;
import io.arcfs.tier.TierStatus;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import io.arcfs.tier.recall.RecallCounters;
import io.arcfs.tier.recall.Recaller;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Puts the status together. Thread-safe. */
final class TierReport {
    private final SlotContext context;
    private final SlotTable slots;
    private final MediaPool pool;
    private final Recaller recaller;
    private final Destager destager;
    private final Scrubber scrubber;
    private final LastChecks checks;

    TierReport(
            SlotContext context,
            SlotTable slots,
            MediaPool pool,
            Recaller recaller,
            Destager destager,
            Scrubber scrubber,
            LastChecks checks) {
        this.scrubber = scrubber;
        this.checks = checks;
        this.context = context;
        this.slots = slots;
        this.pool = pool;
        this.recaller = recaller;
        this.destager = destager;
    }

    TierStatus status() {
        Map<ContainerState, Integer> states = new EnumMap<>(ContainerState.class);
        slots.all().forEach(slot -> states.merge(slot.state(), 1, Integer::sum));
        List<String> problems = new ArrayList<>(context.problems().lines());
        List<TierStatus.Medium> media = new ArrayList<>();
        for (PooledMedium medium : pool.media()) {
            describe(medium, problems);
            media.add(
                    new TierStatus.Medium(
                            medium.spec(),
                            medium.state().word(),
                            medium.usedBytes(),
                            medium.objectsRead.get(),
                            medium.objectsVerified.get(),
                            medium.objectsWritten.get(),
                            medium.transfers()));
        }
        if (context.heads().shrunkContainers() > 0) {
            problems.add(
                    "heads of "
                            + context.heads().shrunkContainers()
                            + " containers were cut or dropped, their share of "
                            + (context.heads().shareBytes() >> 20)
                            + " MiB is full: looking at older files may touch cold media");
        }
        RecallCounters recall = recaller.counters();
        return new TierStatus(
                states.getOrDefault(ContainerState.OPEN, 0),
                states.getOrDefault(ContainerState.STAGED, 0),
                states.getOrDefault(ContainerState.COLD, 0),
                states.getOrDefault(ContainerState.EVICTED, 0),
                ssdUsedBytes(problems),
                context.heads().bytes(),
                context.pins().bytes(),
                checks.oldestSeconds(slots.all()),
                new TierStatus.Recall(
                        recall.queued(),
                        recall.running(),
                        recall.done(),
                        recall.objects(),
                        recall.bytes()),
                media,
                work(),
                List.copyOf(problems));
    }

    private List<TierStatus.Work> work() {
        List<TierStatus.Work> work = new ArrayList<>(destager.work());
        work.addAll(scrubber.work());
        return work;
    }

    private static void describe(PooledMedium medium, List<String> problems) {
        medium.failure()
                .ifPresent(why ->
                        problems.add(
                                "cold medium "
                                        + medium.spec()
                                        + " is "
                                        + medium.state().word()
                                        + ": "
                                        + why));
        for (String damage : medium.damaged()) {
            problems.add("cold medium " + medium.spec() + ": " + damage);
        }
    }

    private long ssdUsedBytes(List<String> problems) {
        try {
            return context.ssdBytes();
        } catch (IOException e) {
            problems.add("SSD space cannot be counted: " + e.getMessage());
            return 0;
        }
    }
}
