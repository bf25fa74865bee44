package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Mounts;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
 * was not made durable is gone, names too.
 */
@Needs({Capability.ROOT, Capability.LOOP})
@Tag("slow")
class PowerLossIT {
    private static final long CYCLES = Long.getLong("arcfs.crash.power", 6);

    private final Random random = new Random(Long.getLong("arcfs.crash.seed", 4));
    private final Path directory = Scratch.directory("power");
    private final Path disk = directory.resolve("disk");
    private final Path store = directory.resolve("store");
    private final Path volume = store.resolve("volume");
    private final List<Path> ledgers = new ArrayList<>();
    private int run;

    @BeforeEach
    void makeDisk() throws IOException {
        Files.createDirectory(store);
        Command.of("truncate", "-s", "1G", disk).succeed();
        Command.of("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", disk)
                .with("PATH", System.getenv("PATH") + ":/sbin:/usr/sbin")
                .succeed();
        mount();
        Files.createDirectory(store.resolve("cold"));
        CrashVolume.make(volume, List.of("dir:" + store.resolve("cold")), 1);
    }

    @AfterEach
    void unmountDisk() {
        if (Mounts.isMounted(store)) {
            Command.of("umount", store).succeed();
        }
        Scratch.delete(directory);
    }

    private void mount() {
        Command.of("mount", "-o", "loop,commit=600,noauto_da_alloc", disk, store).succeed();
    }

    @Test
    void whatWasMadeDurableIsThereAndNothingIsWrong() throws Exception {
        List<String> broken = new ArrayList<>();
        for (int i = 0; i < CYCLES; i++) {
            broken.addAll(losePower("rounds", 1500 + random.nextInt(3000)));
        }
        assertThat(broken).isEmpty();
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

    private List<String> losePower(String asked, int millis) throws Exception {
        run++;
        Path ledger = directory.resolve("ledger" + run);
        Files.createFile(ledger);
        ledgers.add(ledger);
        // It starts from a disk that has everything: the loss is of this run only.
        Command.of("sync", "-f", store).succeed();
        CrashProcess child =
                CrashProcess.startBeforeReboot(
                        CrashChild.class,
                        directory,
                        List.of(),
                        volume,
                        ledger,
                        run * 10,
                        run,
                        120_000,
                        asked);
        awaitWork(child, ledger);
        Thread.sleep(millis);
        assertThat(child.isAlive()).as(child.output()).isTrue();
        Command.of("kill", "-STOP", child.pid()).succeed();
        Path after = directory.resolve("after");
        Command.of("cp", "--sparse=always", disk, after).succeed();
        child.kill();
        Command.of("umount", store).succeed();
        Files.move(after, disk, StandardCopyOption.REPLACE_EXISTING);
        mount();
        return CrashVolume.broken(volume, List.of(ledger), Promise.Crash.POWER).stream()
                .map(line -> "run " + run + ": " + line)
                .toList();
    }

    private static void awaitWork(CrashProcess child, Path ledger) throws Exception {
        for (int i = 0; i < 600 && child.isAlive(); i++) {
            if (Files.readString(ledger).contains("E ")) {
                return;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("no work was done: " + child.output());
    }
}
