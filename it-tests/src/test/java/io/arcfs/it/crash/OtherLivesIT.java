package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.fsck.Finding.Kind;
import io.arcfs.recovery.fsck.Finding.Severity;
import io.arcfs.recovery.fsck.Fsck;
import io.arcfs.recovery.rebuild.Rebuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backups, copies and strangers in a volume directory. */
@Needs({})
class OtherLivesIT {
    private Path directory;
    private Path volume;
    private Path copy;
    private String cold;

    @BeforeEach
    void makeVolume() throws IOException {
        directory = Scratch.directory("lives");
        volume = directory.resolve("volume");
        copy = directory.resolve("copy");
        cold = "dir:" + Files.createDirectory(directory.resolve("cold"));
        CrashVolume.make(volume, List.of(cold), 1);
    }

    @AfterEach
    void cleanUp() {
        Scratch.delete(directory);
    }

    private void copyVolume(Path from, Path to) {
        Command.of("cp", "-a", from, to).succeed();
    }

    private String media() {
        return Command.of("sh", "-c", "cd " + directory + "/cold && sha256sum */c*")
                .succeed()
                .out();
    }

    @Test
    void anOlderBackupOverwritesNothingOfTheLifeAfterIt() throws Exception {
        FilledVolume.fill(volume, directory.resolve("ledger"), 0, 2);
        copyVolume(volume, copy);
        Map<String, String> later = FilledVolume.fill(volume, directory.resolve("ledger2"), 10, 3);
        String media = media();
        Command.of("rm", "-rf", volume).succeed();
        Files.move(copy, volume);

        assertThat(Fsck.check(volume, false))
                .anyMatch(f -> f.kind() == Kind.MEDIUM && f.severity() == Severity.ERROR);
        try (Volume restored = Volume.open(volume)) {
            CrashTarget target = new DirectTarget(restored.overlay().fileSystem());
            target.create("/after-the-backup");
            target.append("/after-the-backup", Content.of(5, 0, 50_000));
            restored.overlay().archive();
            assertThatThrownBy(() -> restored.overlay().flush())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("restored from a backup");
            // Its own bytes are where they were, too.
            assertThat(Content.firstWrong(5, target.read("/after-the-backup"))).isNegative();
        }
        assertThat(media()).isEqualTo(media);
        Path again = directory.resolve("again");
        assertThat(Rebuild.run(again, List.of(cold), null).isComplete()).isTrue();
        assertThat(FilledVolume.shown(again)).isEqualTo(later);
    }

    @Test
    void aCopyOfARunningVolumeOpensRightOrNotAtAll() throws Exception {
        FilledVolume.fill(volume, directory.resolve("ledger"), 0, 1);
        CrashProcess child =
                CrashProcess.start(
                        CrashChild.class,
                        directory,
                        List.of(),
                        volume,
                        directory.resolve("ledger2"),
                        10,
                        1,
                        2500,
                        "quiet");
        while (child.isAlive() && !Files.exists(directory.resolve("ledger2"))) {
            Thread.sleep(20);
        }
        Thread.sleep(700);
        // What goes away while it is copied is not copied.
        Command.of("cp", "-a", volume, copy).run();
        assertThat(child.await(java.time.Duration.ofMinutes(1))).as(child.output()).isZero();
        try (Volume opened = Volume.open(copy)) {
            CrashTarget target = new DirectTarget(opened.overlay().fileSystem());
            Map<Integer, Ledger.History> histories = Ledger.read(directory.resolve("ledger2"));
            for (int worker : histories.keySet()) {
                if (target.list("/").contains(Workload.folder(worker).substring(1) + "/")) {
                    Found found = Found.below(target, Workload.folder(worker));
                    assertThat(found.files.size()).isLessThan(200);
                }
            }
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Test
    void strangersInTheFoldersAreNotTakenForOurs() throws Exception {
        Map<String, String> before = FilledVolume.fill(volume, directory.resolve("ledger"), 0, 2);
        Path other = directory.resolve("other");
        CrashVolume.make(
                other, List.of("dir:" + Files.createDirectory(directory.resolve("cold2"))), 1);
        FilledVolume.fill(other, directory.resolve("ledger2"), 10, 2);
        // An image of another archive in the place of ours, and one more that nobody names.
        for (Path image : List.of(volume.resolve("images"))) {
            Path ours;
            Path theirs;
            try (var files = Files.list(image)) {
                ours = files.sorted().findFirst().orElseThrow();
            }
            try (var files = Files.list(other.resolve("images"))) {
                theirs = files.sorted().findFirst().orElseThrow();
            }
            Files.copy(theirs, ours, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            Files.copy(theirs, image.resolve("meta.77"));
        }
        Files.createDirectories(volume.resolve("upper/data/a folder"));
        assertThat(FilledVolume.shown(volume)).isEqualTo(before);
        assertThat(volume.resolve("images/meta.77")).doesNotExist();
    }
}
