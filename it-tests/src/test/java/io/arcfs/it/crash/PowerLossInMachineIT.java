package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Power is lost: a virtual machine is killed in which a volume is at work, with what its kernel had
 * not sent to the disk. What was acknowledged lies outside of it. {@code -Darcfs.crash.power=N} for
 * more cuts, {@code -Darcfs.crash.seed} for others.
 */
@Needs({Capability.ROOT, Capability.LOOP, Capability.VM})
@Tag("slow")
class PowerLossInMachineIT {
    private static final long CYCLES = Long.getLong("arcfs.crash.power", 2);

    private final Random random = new Random(Long.getLong("arcfs.crash.seed", 5));
    private int run;

    @Test
    void whatWasMadeDurableOutlivesTheMachine() throws Exception {
        try (PowerDisk disk = new PowerDisk()) {
            List<String> broken = new ArrayList<>();
            for (int i = 0; i < CYCLES; i++) {
                broken.addAll(losePower(disk, "rounds", 4000 + random.nextInt(10_000)));
            }
            assertThat(broken).isEmpty();
        }
    }

    @Test
    void whoAcknowledgesWithoutSyncIsCaught() throws Exception {
        try (PowerDisk disk = new PowerDisk()) {
            List<String> broken = new ArrayList<>();
            for (int i = 0; i < 3 && broken.isEmpty(); i++) {
                broken.addAll(losePower(disk, "quiet+lie", 10_000));
            }
            assertThat(broken).isNotEmpty();
        }
    }

    private List<String> losePower(PowerDisk disk, String asked, int millis) throws Exception {
        run++;
        disk.unmount();
        // The machine sees this machine's files, but writes only these.
        Path notes = Files.createDirectory(disk.directory().resolve("notes" + run));
        Path ledger = Files.createFile(notes.resolve("ledger"));
        Path machines = Project.root().resolve("it-tests/vm");
        CrashProcess machine =
                CrashProcess.start(
                        List.of(
                                machines.resolve("run").toString(),
                                "--disk",
                                disk.file().toString(),
                                "--share",
                                notes.toString(),
                                "--",
                                "bash",
                                machines.resolve("guest/power-loss.sh").toString(),
                                disk.store().toString(),
                                PowerDisk.OPTIONS,
                                notes.toString()),
                        CrashChild.class,
                        disk.directory(),
                        List.of(),
                        disk.volume(),
                        ledger,
                        run * 10,
                        run,
                        240_000,
                        asked);
        machine.awaitWork(ledger);
        Thread.sleep(millis);
        assertThat(machine.isAlive()).as(machine.output()).isTrue();
        // The script kills the machine, as by kill -9, and is gone when it is.
        machine.terminate();
        disk.mount();
        return CrashVolume.broken(disk.volume(), List.of(ledger), Promise.Crash.POWER).stream()
                .map(line -> "run " + run + ": " + line)
                .toList();
    }
}
