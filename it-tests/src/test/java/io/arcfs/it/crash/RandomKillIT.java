package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Kills the daemon of a mount at random times, on one volume that goes on from kill to kill. 15
 * cycles; {@code -Darcfs.crash.cycles=1000} for more, {@code -Darcfs.crash.seed} for others.
 */
@Needs(Capability.FUSE)
class RandomKillIT {
    private static final int WORKERS = 3;
    private static final int CYCLES = Integer.getInteger("arcfs.crash.cycles", 15);

    private final Random random = new Random(Long.getLong("arcfs.crash.seed", 1));
    private final AtomicLong fsyncs = new AtomicLong();
    private final List<Path> ledgers = new ArrayList<>();

    @Test
    void everythingAcknowledgedIsThereAfterEveryKill() throws Exception {
        Path notes = Scratch.inMemory("kills");
        List<Object> options = new ArrayList<>(List.of("--threshold", "1M"));
        CrashVolume.settings(List.of(), 1)
                .values()
                .forEach((key, value) -> {
                    options.add("--set");
                    options.add(
                            key.equals("merge.policy") ? "merge.policy=base" : key + "=" + value);
                });
        Path place = Scratch.inMemory("vol");
        try (TestVolume volume =
                TestVolume.makeAt(place, place.resolve("volume"), options.toArray())) {
            for (int cycle = 1; cycle <= CYCLES; cycle++) {
                volume.mount();
                CrashTarget target = new MountTarget(volume.mountPoint());
                List<String> broken = new ArrayList<>();
                for (Path ledger : ledgers) {
                    broken.addAll(Promise.broken(ledger, target, Promise.Crash.PROCESS));
                }
                assertThat(broken).as("before cycle " + cycle).isEmpty();
                if (ledgers.size() > 2) {
                    for (int worker : Ledger.read(ledgers.removeFirst()).keySet()) {
                        Trees.remove(target, Workload.folder(worker));
                    }
                }
                Path ledger = notes.resolve("ledger" + cycle);
                ledgers.add(ledger);
                killDuring(volume, target, ledger, cycle);
            }
            volume.mount();
            CrashTarget target = new MountTarget(volume.mountPoint());
            for (Path ledger : ledgers) {
                assertThat(Promise.broken(ledger, target, Promise.Crash.PROCESS)).isEmpty();
            }
            assertThat(fsyncs.get()).isGreaterThan(CYCLES * 5L);
            volume.unmount();
        }
        Scratch.delete(notes);
    }

    private void killDuring(TestVolume volume, CrashTarget target, Path ledger, int cycle)
            throws Exception {
        // As the lock names it: asking would take as long as a cycle does.
        long pid = Long.parseLong(Files.readString(volume.volume().resolve("lock")).strip());
        ProcessHandle daemon = ProcessHandle.of(pid).orElseThrow();
        AtomicBoolean killed = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        try (Ledger notes = Ledger.append(ledger)) {
            for (int i = 0; i < WORKERS; i++) {
                Workload worker = new Workload(target, notes, cycle * 10 + i, cycle, fsyncs);
                threads.add(
                        Thread.ofPlatform()
                                .start(() -> {
                                    try {
                                        worker.begin();
                                        while (true) {
                                            worker.step();
                                        }
                                    } catch (IOException | RuntimeException | Error e) {
                                        if (!killed.get() && daemon.isAlive()) {
                                            synchronized (failures) {
                                                failures.add(e);
                                            }
                                        }
                                    }
                                }));
            }
            String verb = List.of("", "archive", "flush", "merge", "evict").get(cycle % 5);
            if (!verb.isEmpty()) {
                threads.add(
                        Thread.ofPlatform().start(() -> volume.arc().run(verb, volume.volume())));
            }
            Thread.sleep(100 + random.nextInt(1500));
            killed.set(true);
            daemon.destroyForcibly();
            daemon.onExit().join();
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(failures).isEmpty();
        assertThat(Files.size(ledger)).isPositive();
    }
}
