package io.arcfs.it.crash;

import io.arcfs.overlay.MergeScope;
import io.arcfs.recovery.DescriptorFile;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Priority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The process that dies: opens a volume, changes it with several workers and has it archived,
 * merged, flushed, evicted and recalled beside them. Arguments: volume, ledger, first worker, seed,
 * milliseconds, what is asked of it ({@code rounds}, {@code quiet}, {@code lie}; {@code givesback}:
 * containers that became empty go while the workers work).
 */
final class CrashChild {
    /** Printed before containers are given back, and after: whether it died in between. */
    private static final String GIVING_BACK = "giving back";

    private static final String GAVE_BACK = "gave back ";

    /**
     * What to ask of it so that containers go while the workers work. Rounds beside it would mostly
     * have archived something anew before containers can go, and then none does.
     */
    static final String GIVES_BACK = "givesback";

    private static final int WORKERS = 3;

    private final Volume volume;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicLong fsyncs = new AtomicLong();
    private volatile @Nullable Throwable failure;

    private CrashChild(Volume volume) {
        this.volume = volume;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        // What arc config set does.
        DescriptorFile.read(new VolumeLayout(directory).descriptor()).publish();
        try (Volume volume = Volume.open(directory);
                Ledger ledger = Ledger.append(Path.of(arguments[1]))) {
            new CrashChild(volume)
                    .run(
                            ledger,
                            Integer.parseInt(arguments[2]),
                            Long.parseLong(arguments[3]),
                            Duration.ofMillis(Long.parseLong(arguments[4])),
                            List.of(arguments[5].split("\\+", -1)));
        }
    }

    private void run(Ledger ledger, int firstWorker, long seed, Duration time, List<String> asked)
            throws Exception {
        CrashTarget direct = new DirectTarget(volume.overlay().fileSystem());
        CrashTarget target = asked.contains("lie") ? new LyingTarget(direct) : direct;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            Workload worker = new Workload(target, ledger, firstWorker + i, seed, fsyncs);
            threads.add(Thread.ofPlatform().start(() -> guarded(() -> work(worker))));
        }
        if (asked.contains("rounds")) {
            threads.add(Thread.ofPlatform().start(() -> guarded(() -> control(new Random(seed)))));
        }
        if (asked.contains(GIVES_BACK)) {
            threads.add(Thread.ofPlatform().start(() -> guarded(this::giveBack)));
        }
        boolean failed = over.await(time.toMillis(), TimeUnit.MILLISECONDS);
        over.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        if (asked.contains("gc")) {
            volume.overlay().gc(95);
        }
        Throwable why = failure;
        if (failed && why != null && !asked.contains("failing")) {
            throw new IOException("a worker failed", why);
        }
    }

    /** What threads do. */
    private interface Work {
        void run() throws Exception;
    }

    private void guarded(Work work) {
        try {
            work.run();
        } catch (Exception | Error e) {
            if (failure == null) {
                failure = e;
            }
            over.countDown();
        }
    }

    private void work(Workload worker) throws IOException {
        worker.begin();
        for (int i = 0; over.getCount() > 0; i++) {
            worker.step();
            if (i % 16 == 0) {
                worker.readBack();
            }
        }
    }

    private void control(Random random) throws Exception {
        for (int i = 0; over.getCount() > 0; i++) {
            if (over.await(20 + random.nextInt(60), TimeUnit.MILLISECONDS)) {
                return;
            }
            volume.overlay().archive();
            switch (i % 6) {
                case 1 -> volume.overlay().flush();
                case 2 -> volume.overlay().evict(List.of("/".getBytes(StandardCharsets.UTF_8)));
                case 3 -> volume.overlay().merge(MergeScope.ALL);
                case 4 -> {
                    volume.overlay().flush();
                    volume.overlay().evictAll();
                }
                case 5 -> recallAll();
                default -> {}
            }
        }
    }

    /** What arc gc does, over and over, from cold media and from the SSD. */
    private void giveBack() throws Exception {
        for (int i = 0; over.getCount() > 0; i++) {
            if (over.await(100, TimeUnit.MILLISECONDS)) {
                return;
            }
            volume.overlay().archive();
            volume.overlay().flush();
            if (i % 2 == 0) {
                volume.overlay().evictAll();
            }
            volume.overlay().gc(95);
            System.out.println(GIVING_BACK);
            System.out.println(GAVE_BACK + volume.overlay().giveBack().released().size());
        }
    }

    /** Whether it died while it gave back, by what it printed. */
    static boolean diedGivingBack(String output) {
        return output.lines()
                .filter(line -> line.equals(GIVING_BACK) || line.startsWith(GAVE_BACK))
                .reduce("", (_, last) -> last)
                .equals(GIVING_BACK);
    }

    private void recallAll() throws IOException {
        for (Map.Entry<ContainerId, ContainerState> container :
                volume.tier().control().containers().entrySet()) {
            if (container.getValue() == ContainerState.EVICTED) {
                var geometry = volume.tier().geometry();
                long start = geometry.containerStart(container.getKey().number());
                volume.tier()
                        .control()
                        .recall(
                                List.of(new DeviceExtent(start, geometry.dataBytes())),
                                Priority.FOREGROUND);
            }
        }
    }
}
