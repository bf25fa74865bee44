package io.arcfs.overlay.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.catalog.Catalog.Sync;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The last records of a log, damaged in every way a disk may: the catalog is as it was after one of
 * its commits, or it is refused.
 */
final class TornLogTest {
    private static final String BOOT = "this boot";
    private static final int COMMITS = 20;
    private static final int NAMES = 12;
    private static final int REFUSED = -1;

    @TempDir Path directory;
    private Path crashed;
    private Path log;
    private byte[] whole;

    /** Length of the log after each commit. */
    private final int[] ends = new int[COMMITS];

    @BeforeEach
    void crash() throws IOException {
        Path live = directory.resolve("live");
        crashed = directory.resolve("crashed");
        try (Catalog catalog = Catalog.open(live, BOOT)) {
            for (int i = 0; i < COMMITS; i++) {
                try (CatalogBatch batch = catalog.batch()) {
                    batch.putVolume(new VolumeState(i, 1, BOOT));
                    for (int j = 0; j < NAMES; j++) {
                        batch.putDirent(0, 1, name(i, j), new Dirent(i, 0x8000));
                    }
                    catalog.commit(batch, Sync.YES);
                }
                ends[i] = Math.toIntExact(Files.size(logOf(live)));
            }
            copy(live, crashed);
        }
        log = logOf(crashed);
        whole = Files.readAllBytes(log);
        assertThat(whole).hasSize(ends[COMMITS - 1]);
    }

    private static byte[] name(int commit, int number) {
        return ("name" + commit + "-" + number).getBytes(StandardCharsets.UTF_8);
    }

    private static Path logOf(Path database) throws IOException {
        try (Stream<Path> files = Files.list(database)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .max(java.util.Comparator.comparing(Path::toString))
                    .orElseThrow();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(to)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        to.resolve(String.valueOf(file.getFileName())),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** The commit that a catalog with this log is as after; all of it or nothing of the next. */
    private int commitShownBy(byte[] bytes) throws IOException {
        Path opened = directory.resolve("opened");
        copy(crashed, opened);
        Files.write(opened.resolve(String.valueOf(log.getFileName())), bytes);
        try (Catalog catalog = Catalog.open(opened, BOOT)) {
            VolumeState state = catalog.volume();
            int last = state == null ? REFUSED : Math.toIntExact(state.nextInode());
            for (int i = 0; i < COMMITS; i++) {
                for (int j = 0; j < NAMES; j++) {
                    Dirent dirent = catalog.dirent(0, 1, name(i, j));
                    assertThat(dirent != null)
                            .as("name %d of commit %d", j, i)
                            .isEqualTo(i <= last);
                }
            }
            return last;
        } catch (CatalogException e) {
            assertThat(e).hasMessageContaining("catalog");
            return REFUSED;
        }
    }

    private byte[] lastRecord() {
        return Arrays.copyOfRange(whole, ends[COMMITS - 2], ends[COMMITS - 1]);
    }

    private byte[] withTail(byte[]... parts) {
        byte[] bytes = Arrays.copyOf(whole, ends[COMMITS - 3]);
        for (byte[] part : parts) {
            int at = bytes.length;
            bytes = Arrays.copyOf(bytes, at + part.length);
            System.arraycopy(part, 0, bytes, at, part.length);
        }
        return bytes;
    }

    @Test
    void aLastRecordCutAnywhereIsNotThere() throws IOException {
        for (int length = ends[COMMITS - 2]; length < whole.length; length += 7) {
            assertThat(commitShownBy(Arrays.copyOf(whole, length)))
                    .as("cut at " + length)
                    .isEqualTo(COMMITS - 2);
        }
        assertThat(commitShownBy(whole)).isEqualTo(COMMITS - 1);
    }

    @Test
    void aTailOfZerosIsNoRecord() throws IOException {
        assertThat(commitShownBy(Arrays.copyOf(whole, whole.length + 4096))).isEqualTo(COMMITS - 1);
        for (int from = ends[COMMITS - 2] + 1; from < whole.length; from += 31) {
            byte[] zeroed = whole.clone();
            Arrays.fill(zeroed, from, zeroed.length, (byte) 0);
            assertThat(commitShownBy(zeroed)).as("zeros from " + from).isEqualTo(COMMITS - 2);
        }
    }

    @Test
    void aHoleInTheLastWriteIsNoRecord() throws IOException {
        for (int at = ends[COMMITS - 2]; at < whole.length - 64; at += 17) {
            byte[] holed = whole.clone();
            Arrays.fill(holed, at, Math.min(at + 512, holed.length), (byte) 0);
            assertThat(commitShownBy(holed)).as("hole at " + at).isEqualTo(COMMITS - 2);
        }
    }

    /** What an earlier life left in blocks that are used again. */
    @Test
    void noiseBehindTheEndIsNoRecord() throws IOException {
        byte[] noise = new byte[3000];
        new java.util.Random(3).nextBytes(noise);
        byte[] tail = Arrays.copyOf(whole, whole.length + noise.length);
        System.arraycopy(noise, 0, tail, whole.length, noise.length);
        assertThat(commitShownBy(tail)).isEqualTo(COMMITS - 1);
    }

    @Test
    void recordsThatAreRepeatedOrSwappedChangeNothingOrAreRefused() throws IOException {
        byte[] before = Arrays.copyOfRange(whole, ends[COMMITS - 3], ends[COMMITS - 2]);
        byte[] last = lastRecord();
        byte[] old = Arrays.copyOfRange(whole, ends[4], ends[5]);
        assertThat(commitShownBy(withTail(before, last))).isEqualTo(COMMITS - 1);
        assertThat(commitShownBy(withTail(before, last, last))).isIn(COMMITS - 1, REFUSED);
        assertThat(commitShownBy(withTail(before, last, old))).isIn(COMMITS - 1, REFUSED);
        assertThat(commitShownBy(withTail(last, before))).isIn(COMMITS - 1, COMMITS - 3, REFUSED);
    }
}
