package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.fsck.Finding;
import io.arcfs.recovery.fsck.Finding.Kind;
import io.arcfs.recovery.fsck.Finding.Severity;
import io.arcfs.recovery.fsck.Fsck;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Random bytes over each kind of file: fsck names it, and nothing wrong is served. */
@Needs({})
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // one volume is made, every test damages a copy
class CorruptionIT {
    private final Random random = new Random(Long.getLong("arcfs.crash.seed", 9));
    private final Path directory = Scratch.directory("corruption");
    private final Path good = directory.resolve("good");
    private final Path volume = good.resolve("volume");
    private Map<String, String> before;

    /** The volume and its media lie in one folder, so that they can be put back together. */
    @BeforeAll
    void makeVolume() throws Exception {
        Files.createDirectory(good);
        CrashVolume.make(
                volume,
                List.of(
                        "dir:" + Files.createDirectory(good.resolve("cold")),
                        "block:" + good.resolve("disk") + "?size=200M"),
                2);
        FilledVolume.fill(volume, directory.resolve("ledger"), 0, 4);
        // Something in the upper, and in a container that is still open.
        try (Volume open = Volume.open(volume);
                Ledger notes = Ledger.append(directory.resolve("ledger2"))) {
            CrashTarget target = new DirectTarget(open.overlay().fileSystem());
            Workload worker =
                    new Workload(target, notes, 9, 3, new java.util.concurrent.atomic.AtomicLong());
            worker.begin();
            for (int i = 0; i < 60; i++) {
                worker.step();
                if (i == 40) {
                    open.overlay().archive();
                }
            }
            before = Shown.by(open.overlay().fileSystem());
        }
        Command.of("cp", "-a", good, directory.resolve("safe")).succeed();
    }

    @BeforeEach
    void putBack() {
        Command.of("rm", "-rf", good).succeed();
        Command.of("cp", "-a", directory.resolve("safe"), good).succeed();
    }

    @AfterAll
    void cleanUp() {
        Scratch.delete(directory);
    }

    private void scribble(Path file, long from, int length) throws IOException {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(from);
            open.write(noise);
        }
    }

    private void scribble(Path file) throws IOException {
        long size = Files.size(file);
        int length = (int) Math.min(size, 600);
        scribble(file, (long) (random.nextDouble() * (size - length)), length);
    }

    private List<Path> files(String folder, String pattern) throws IOException {
        try (Stream<Path> all = Files.walk(good.resolve(folder))) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> String.valueOf(file.getFileName()).matches(pattern))
                    .sorted()
                    .toList();
        }
    }

    private List<Finding> findings(boolean data) throws IOException {
        return Fsck.check(volume, data);
    }

    private static void assertNamed(List<Finding> findings, Kind kind) {
        assertThat(findings).anyMatch(f -> f.kind() == kind && f.severity() != Severity.NOTE);
    }

    /** What can be read is right; what cannot is an error. */
    private void assertNothingWrongIsServed(boolean allMustBeThere) throws IOException {
        Map<String, String> after;
        try {
            after = new TreeMap<>(FilledVolume.shown(volume));
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotBlank();
            assertThat(allMustBeThere).as(e.toString()).isFalse();
            return;
        }
        after.values().removeIf(text -> text.endsWith(Shown.UNREADABLE));
        assertThat(before).containsAllEntriesOf(after);
        if (allMustBeThere) {
            assertThat(after).hasSameSizeAs(before);
        }
    }

    @Test
    void aHealthyVolumeIsClean() throws Exception {
        assertThat(findings(true)).filteredOn(f -> f.severity() != Severity.NOTE).isEmpty();
        assertNothingWrongIsServed(true);
    }

    @Test
    void descriptor() throws Exception {
        scribble(volume.resolve("arc.json"));
        assertNamed(findings(false), Kind.DESCRIPTOR);
        assertNothingWrongIsServed(false);
    }

    @Test
    void tablesAndLogsOfTheNamespaceCatalog() throws Exception {
        for (String pattern : List.of(".*\\.sst", ".*\\.log", "MANIFEST-.*", "CURRENT")) {
            putBack();
            List<Path> files =
                    files("volume/catalog", pattern).stream()
                            .filter(file -> file.toFile().length() > 0)
                            .toList();
            if (files.isEmpty()) {
                continue;
            }
            for (Path file : files) {
                scribble(file, 0, (int) Math.min(Files.size(file), 4000));
            }
            assertNamed(findings(false), Kind.NAMESPACE_CATALOG);
            assertNothingWrongIsServed(false);
        }
    }

    @Test
    void aLogDamagedWhileTheMachineWasUpIsRefusedAndNothingIsSweptAway() throws Exception {
        CrashProcess child =
                CrashProcess.start(
                        CrashChild.class,
                        directory,
                        List.of(),
                        volume,
                        directory.resolve("ledger3"),
                        50,
                        1,
                        60_000,
                        "quiet");
        while (child.isAlive() && files("volume/upper/data", ".*").size() < 20) {
            Thread.sleep(50);
        }
        child.kill();
        List<Path> uppers = files("volume/upper/data", ".*");
        Path log =
                files("volume/catalog", ".*\\.log").stream()
                        .max(java.util.Comparator.comparingLong(file -> file.toFile().length()))
                        .orElseThrow();
        scribble(log, Files.size(log) / 3, 3000);
        assertNamed(findings(false), Kind.NAMESPACE_CATALOG);
        assertThatThrownBy(() -> Volume.open(volume)).isInstanceOf(IOException.class);
        assertThat(files("volume/upper/data", ".*")).isEqualTo(uppers);
    }

    @Test
    void tierCatalog() throws Exception {
        for (Path file : files("volume/tier/catalog", ".*\\.(sst|log)")) {
            if (Files.size(file) > 0) {
                scribble(file, 0, (int) Math.min(Files.size(file), 4000));
            }
        }
        assertNamed(findings(false), Kind.TIER_CATALOG);
        assertNothingWrongIsServed(false);
    }

    @Test
    void anImageComesBackFromItsContainer() throws Exception {
        for (Path image : files("volume/images", "meta.*")) {
            scribble(image);
        }
        assertNamed(findings(false), Kind.IMAGE);
        assertNothingWrongIsServed(true);
        assertThat(findings(false)).filteredOn(f -> f.severity() != Severity.NOTE).isEmpty();
    }

    @Test
    void cacheFilesOfWhatIsOnMediaAreRecalled() throws Exception {
        for (Path file : files("volume/ssd", "c[0-9]*\\.[0-9]*")) {
            scribble(file, 64 << 10, 200_000);
        }
        assertNamed(findings(false), Kind.SSD_COPY);
        assertNothingWrongIsServed(false);
    }

    @Test
    void checksumFiles() throws Exception {
        for (Path file : files("volume/ssd", ".*\\.crc")) {
            scribble(file, 0, (int) Files.size(file));
        }
        assertNamed(findings(false), Kind.SSD_COPY);
        assertNothingWrongIsServed(false);
    }

    @Test
    void oneMediumIsMadeWholeFromTheOther() throws Exception {
        List<Path> containers = files("cold", "c[0-9]*\\.[0-9]*");
        scribble(containers.getFirst(), 64 << 10, 100_000);
        assertNamed(findings(true), Kind.COLD_COPY);
        assertNothingWrongIsServed(true);
        assertThat(Fsck.repair(volume)).anyMatch(line -> line.startsWith("repaired "));
        assertThat(findings(true)).filteredOn(f -> f.severity() != Severity.NOTE).isEmpty();
        assertNothingWrongIsServed(true);
    }

    @Test
    void theOnlyMediumIsMadeWholeFromTheSsd() throws Exception {
        Path single = good.resolve("single");
        CrashVolume.make(single, List.of("dir:" + Files.createDirectory(good.resolve("only"))), 1);
        FilledVolume.fill(single, directory.resolve("ledger4"), 0, 2);
        scribble(files("only", "c[0-9]*\\.[0-9]*").getFirst(), 64 << 10, 100_000);
        assertThat(Fsck.check(single, true))
                .anyMatch(f -> f.kind() == Kind.COLD_COPY && f.severity() == Severity.REPAIRABLE);
        assertThat(Fsck.repair(single)).anyMatch(line -> line.startsWith("repaired "));
        assertThat(Fsck.check(single, true))
                .filteredOn(f -> f.severity() != Severity.NOTE)
                .isEmpty();
    }

    @Test
    void footersAndLabels() throws Exception {
        scribble(files("cold", "c[0-9]*\\.[0-9]*").getFirst(), 1_572_864, 3000);
        assertNamed(findings(false), Kind.COLD_COPY);
        assertNothingWrongIsServed(true);
        putBack();
        scribble(files("cold", "label").getFirst());
        assertNamed(findings(false), Kind.MEDIUM);
        assertNothingWrongIsServed(true);
    }

    @Test
    void anAppendFileThatLostItsBytesIsNamed() throws Exception {
        List<Path> files =
                files("volume/upper/data", ".*").stream()
                        .filter(file -> file.toFile().length() > 10)
                        .toList();
        assertThat(files).isNotEmpty();
        try (RandomAccessFile file = new RandomAccessFile(files.getFirst().toFile(), "rw")) {
            file.setLength(5);
        }
        assertNamed(findings(false), Kind.APPEND_FILE);
    }

    @Test
    void repairDoesNothingToWhatIsRight() throws Exception {
        assertThat(Fsck.repair(volume)).isEmpty();
        assertNothingWrongIsServed(true);
    }
}
