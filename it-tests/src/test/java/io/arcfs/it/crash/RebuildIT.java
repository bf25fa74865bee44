package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.rebuild.Rebuild;
import io.arcfs.recovery.rebuild.RebuildReport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The SSD is gone: the same tree, contents and numbers come back from the cold media alone. */
@Needs({})
class RebuildIT {
    private static final int DATA_BYTES = 1_572_864;

    private Path directory;
    private Path volume;
    private Path again;
    private String dir;
    private String block;

    @BeforeEach
    void places() throws IOException {
        directory = Scratch.directory("rebuild");
        volume = directory.resolve("volume");
        again = directory.resolve("again");
        dir = "dir:" + Files.createDirectory(directory.resolve("cold"));
        block = "block:" + directory.resolve("disk") + "?size=400M";
    }

    @AfterEach
    void cleanUp() {
        Scratch.delete(directory);
    }

    private Map<String, String> filled(List<String> cold, int copies) throws Exception {
        CrashVolume.make(volume, cold, copies);
        return FilledVolume.fill(volume, directory.resolve("ledger"), 0, 5);
    }

    private static void loseSsd(Path lost) {
        Command.of("rm", "-rf", "--one-file-system", "--", lost).succeed();
    }

    @Test
    void theSameTreeContentsAndNumbersComeBackAndLifeGoesOn() throws Exception {
        Map<String, String> before = filled(List.of(dir), 1);
        loseSsd(volume);
        RebuildReport report = Rebuild.run(again, List.of(dir), null);
        assertThat(report.isComplete()).as(report.toString()).isTrue();
        assertThat(FilledVolume.shown(again)).isEqualTo(before);

        Map<String, String> later = FilledVolume.fill(again, directory.resolve("ledger2"), 50, 4);
        assertThat(later.size()).isGreaterThan(before.size());
        loseSsd(again);
        RebuildReport second = Rebuild.run(volume, List.of(dir), null);
        assertThat(second.isComplete()).as(second.toString()).isTrue();
        assertThat(FilledVolume.shown(volume)).isEqualTo(later);
    }

    @Test
    void whatWasNotOnMediaYetIsNotThereAndNothingElseIsLost() throws Exception {
        Map<String, String> before = filled(List.of(dir), 1);
        try (Volume open = Volume.open(volume)) {
            CrashTarget target = new DirectTarget(open.overlay().fileSystem());
            target.create("/only-on-the-ssd");
            target.fsync("/only-on-the-ssd");
        }
        loseSsd(volume);
        Rebuild.run(again, List.of(dir), null);
        Map<String, String> after = FilledVolume.shown(again);
        assertThat(after).doesNotContainKey("/only-on-the-ssd");
        assertThat(after).isEqualTo(before);
    }

    @Test
    void oneOfTwoCopiesDamagedLosesNothing() throws Exception {
        Map<String, String> before = filled(List.of(dir, block), 2);
        loseSsd(volume);
        Random random = new Random(11);
        for (Path container : containers()) {
            overwrite(container, DATA_BYTES, 4, random);
        }
        RebuildReport report = Rebuild.run(again, List.of(dir, block), null);
        assertThat(report.missing()).isEmpty();
        assertThat(report.suffering()).isEmpty();
        assertThat(FilledVolume.shown(again)).isEqualTo(before);
        loseSsd(again);
        Command.of("rm", "-rf", "--", directory.resolve("cold")).succeed();
        RebuildReport other = Rebuild.run(again, List.of(block), null);
        assertThat(other.suffering()).isEmpty();
        assertThat(FilledVolume.shown(again)).isEqualTo(before);
    }

    /** Before the old containers are given back, and after their numbers and places were reused. */
    @Test
    void afterGcTheSameComesBackAlsoFromOneOfTwoCopies() throws Exception {
        filled(List.of(dir, block), 2);
        Map<String, String> kept = removeFirstFolderAndCollect();
        loseSsd(volume);
        assertThat(Rebuild.run(again, List.of(dir, block), null).isComplete()).isTrue();
        assertThat(FilledVolume.shown(again)).isEqualTo(kept);

        FilledVolume.fill(again, directory.resolve("ledger2"), 20, 2);
        List<String> released = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (Volume open = Volume.open(again)) {
                open.recoveryActions().stream()
                        .filter(action -> action.startsWith("released"))
                        .forEach(released::add);
                open.overlay().gc(95);
            }
        }
        assertThat(released).isNotEmpty();
        Map<String, String> later = FilledVolume.fill(again, directory.resolve("ledger3"), 40, 3);
        loseSsd(again);
        Random random = new Random(12);
        for (Path container : containers()) {
            overwrite(container, DATA_BYTES, 4, random);
        }
        RebuildReport report = Rebuild.run(volume, List.of(dir, block), null);
        assertThat(report.missing()).isEmpty();
        assertThat(report.suffering()).isEmpty();
        assertThat(FilledVolume.shown(volume)).isEqualTo(later);
    }

    private Map<String, String> removeFirstFolderAndCollect() throws Exception {
        try (Volume open = Volume.open(volume)) {
            Trees.remove(new DirectTarget(open.overlay().fileSystem()), Workload.folder(0));
            assertThat(open.overlay().gc(95).containers()).isNotEmpty();
            return Shown.by(open.overlay().fileSystem());
        }
    }

    @Test
    void aDamagedMediumGivesAPartialVolumeAndAList() throws Exception {
        filled(List.of(dir), 1);
        Map<String, String> before = addLargeFiles();
        loseSsd(volume);
        RebuildReport report = null;
        for (Path lost : containers()) {
            byte[] footer = exchange(lost, new byte[4096]);
            report = Rebuild.run(again, List.of(dir), null);
            assertThat(report.problems()).anyMatch(line -> line.contains(lost.toString()));
            assertThat(report.isComplete()).isFalse();
            // Others hold nothing that lives, or an image that the run goes without.
            if (!report.suffering().isEmpty() && report.layers() == report.layersOnMedia()) {
                break;
            }
            loseSsd(again);
            exchange(lost, footer);
        }
        assertThat(report).isNotNull();
        assertThat(report.missing()).isNotEmpty();
        Map<String, String> after = new TreeMap<>(FilledVolume.shown(again));
        List<String> unreadable = new ArrayList<>();
        after.forEach((path, text) -> {
            if (text.endsWith(Shown.UNREADABLE)) {
                unreadable.add(path);
            }
        });
        assertThat(unreadable).isNotEmpty().hasSameElementsAs(report.suffering());
        unreadable.forEach(after::remove);
        assertThat(before).containsAllEntriesOf(after);
        assertThat(after.keySet()).hasSize(before.size() - unreadable.size());
        try (Volume open = Volume.open(again)) {
            assertThat(open.overlay().status().problems())
                    .anyMatch(line -> line.contains("is lost"));
        }
    }

    @Test
    void theMediaOfTwoVolumesAreNotMixed() throws Exception {
        Map<String, String> before = filled(List.of(dir), 1);
        Path other = directory.resolve("other");
        CrashVolume.make(other, List.of(dir), 1);
        Map<String, String> ofOther = FilledVolume.fill(other, directory.resolve("ledger2"), 70, 2);
        java.util.UUID id;
        try (Volume open = Volume.open(other)) {
            id = open.descriptor().uuid();
        }
        loseSsd(volume);
        loseSsd(other);
        assertThatThrownBy(() -> Rebuild.run(again, List.of(dir), null))
                .hasMessageContaining("2 volumes");
        assertThat(again).doesNotExist();
        Rebuild.run(again, List.of(dir), id);
        assertThat(FilledVolume.shown(again)).isEqualTo(ofOther).isNotEqualTo(before);
    }

    @Test
    void aRebuildThatIsKilledIsBegunAnew() throws Exception {
        Map<String, String> before = filled(List.of(dir), 1);
        loseSsd(volume);
        for (Failpoint point :
                List.of(
                        Failpoint.REBUILD_BEGUN,
                        Failpoint.REBUILD_TIER_WRITTEN,
                        Failpoint.REBUILD_IMAGES_READ,
                        Failpoint.REBUILD_CATALOG_WRITTEN)) {
            kill(point, "rebuild", again);
            assertThat(again.resolve("arc.json")).doesNotExist();
        }
        kill(Failpoint.DESCRIPTOR_PUBLISHED, "rebuild", again);
        assertThat(FilledVolume.shown(again)).isEqualTo(before);
    }

    @Test
    void aVolumeThatIsKilledWhenItIsMadeOpens() throws Exception {
        kill(Failpoint.DESCRIPTOR_PUBLISHED, "make", volume);
        assertThat(FilledVolume.shown(volume)).hasSize(1);
        kill(Failpoint.TIER_NOTED, "make", again);
        assertThat(FilledVolume.shown(again)).hasSize(1);
        Path third = directory.resolve("third");
        kill(Failpoint.MEDIUM_LABELLED, "make", third);
        assertThat(FilledVolume.shown(third)).hasSize(1);
    }

    private void kill(Failpoint point, String what, Path target) throws Exception {
        CrashProcess child =
                CrashProcess.start(
                        RebuildChild.class,
                        directory,
                        List.of("-Darcfs.failpoint=" + point),
                        what,
                        target,
                        dir);
        assertThat(child.await(Duration.ofMinutes(1)))
                .as("%s: %s", point, child.output())
                .isEqualTo(CrashProcess.KILLED);
    }

    /** Files that fill whole containers, without an image in them. */
    private Map<String, String> addLargeFiles() throws Exception {
        try (Volume open = Volume.open(volume)) {
            CrashTarget target = new DirectTarget(open.overlay().fileSystem());
            for (int i = 0; i < 4; i++) {
                target.create("/large" + i);
                target.append("/large" + i, Content.of(1000 + i, 0, 1_600_000));
            }
            open.overlay().archive();
            open.overlay().flush();
            return Shown.by(open.overlay().fileSystem());
        }
    }

    /** Puts bytes where the footer begins; returns what was there. */
    private static byte[] exchange(Path container, byte[] bytes) throws IOException {
        byte[] old = new byte[bytes.length];
        try (RandomAccessFile file = new RandomAccessFile(container.toFile(), "rw")) {
            file.seek(DATA_BYTES);
            file.readFully(old);
            file.seek(DATA_BYTES);
            file.write(bytes);
        }
        return old;
    }

    private List<Path> containers() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("cold"))) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith("c0"))
                    .sorted()
                    .toList();
        }
    }

    private static void overwrite(Path path, int within, int times, Random random)
            throws IOException {
        byte[] noise = new byte[5000];
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            for (int i = 0; i < times; i++) {
                random.nextBytes(noise);
                file.seek(random.nextInt(within - noise.length));
                file.write(noise);
            }
        }
    }
}
