package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.recovery.fsck.Finding;
import io.arcfs.recovery.fsck.Fsck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Power is lost: the volume lies on an ext4 of a loop device that writes nothing back by itself,
 * and what counts is the file behind the loop device as it stands, with the journal replayed. What
 * was not made durable is gone, names too. {@code -Darcfs.crash.power=N} for more cuts, {@code
 * -Darcfs.crash.seed} for others.
 */
@Needs({Capability.ROOT, Capability.LOOP})
class PowerLossIT {
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final long CYCLES = Long.getLong("arcfs.crash.power", 4);

    private final Random random = new Random(Long.getLong("arcfs.crash.seed", 4));
    private PowerDisk disk;
    private int run;

    @BeforeEach
    void makeDisk() throws IOException {
        disk = new PowerDisk();
    }

    @AfterEach
    void removeDisk() {
        disk.close();
    }

    @Test
    void whatWasMadeDurableIsThereAndNothingIsWrong() throws Exception {
        List<String> broken = new ArrayList<>();
        for (int i = 0; i < CYCLES; i++) {
            broken.addAll(losePower("rounds", 1500 + random.nextInt(3000)));
        }
        assertThat(broken).isEmpty();
    }

    /** Power goes with the process, at each step of a container that goes while all is in use. */
    @Test
    @Tag("slow")
    void containersThatGoWhileTheVolumeIsInUseAreNotMissed() throws Exception {
        List<String> broken = new ArrayList<>();
        for (String point : CrashVolume.STEPS_OF_GIVING_BACK) {
            CrashVolume.giveBackAll(disk.volume());
            List<String> wrong =
                    losePower(
                            CrashChild.GIVES_BACK,
                            List.of("-Darcfs.failpoint=" + point + "=kill"),
                            child -> {
                                assertThat(child.await(LONGEST))
                                        .as(child.output())
                                        .isEqualTo(CrashProcess.KILLED);
                                assertThat(CrashChild.diedGivingBack(child.output()))
                                        .as("%s: killed elsewhere: %s", point, child.output())
                                        .isTrue();
                            });
            wrong.forEach(line -> broken.add(point + ": " + line));
        }
        assertThat(broken).isEmpty();
        assertThat(Fsck.check(disk.volume(), true))
                .noneMatch(finding -> finding.severity() == Finding.Severity.ERROR);
    }

    /** A test that finds nothing wrong here would find nothing anywhere. */
    @Test
    void whoAcknowledgesWithoutSyncIsCaught() throws Exception {
        List<String> broken = new ArrayList<>();
        for (int i = 0; i < 3 && broken.isEmpty(); i++) {
            broken.addAll(losePower("quiet+lie", 2500));
        }
        assertThat(broken).isNotEmpty();
    }

    /** How a child comes to its end, or to the moment at which power goes. */
    private interface End {
        void await(CrashProcess child) throws Exception;
    }

    private List<String> losePower(String asked, int millis) throws Exception {
        return losePower(
                asked,
                List.of(),
                child -> {
                    Thread.sleep(millis);
                    assertThat(child.isAlive()).as(child.output()).isTrue();
                    Command.of("kill", "-STOP", child.pid()).succeed();
                });
    }

    private List<String> losePower(String asked, List<String> options, End end) throws Exception {
        run++;
        Path ledger = Files.createFile(disk.directory().resolve("ledger" + run));
        // It starts from a disk that has everything: the loss is of this run only.
        Command.of("sync", "-f", disk.store()).succeed();
        CrashProcess child =
                CrashProcess.startBeforeReboot(
                        CrashChild.class,
                        disk.directory(),
                        options,
                        disk.volume(),
                        ledger,
                        run * 10,
                        run,
                        120_000,
                        asked);
        child.awaitWork(ledger);
        end.await(child);
        Path after = disk.directory().resolve("after");
        Command.of("cp", "--sparse=always", disk.file(), after).succeed();
        child.kill();
        disk.unmount();
        Files.move(after, disk.file(), StandardCopyOption.REPLACE_EXISTING);
        disk.mount();
        return CrashVolume.broken(disk.volume(), List.of(ledger), Promise.Crash.POWER).stream()
                .map(line -> "run " + run + ": " + line)
                .toList();
    }
}
