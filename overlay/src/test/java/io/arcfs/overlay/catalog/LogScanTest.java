package io.arcfs.overlay.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.tier.catalog.LogScan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs of a catalog that was not closed, torn and damaged. */
final class LogScanTest {
    private static final String BOOT = "this boot";

    @TempDir Path directory;
    private Path crashed;

    /** A log with records of every length, as a dead process leaves it. */
    @BeforeEach
    void crash() throws IOException {
        crashed = Files.createDirectory(directory.resolve("crashed"));
        Path live = directory.resolve("live");
        Catalog catalog = Catalog.open(live, BOOT);
        try (CatalogBatch batch = catalog.batch()) {
            batch.putVolume(new VolumeState(2, 1, BOOT));
            catalog.commit(batch, Sync.YES);
        }
        for (int i = 0; i < 400; i++) {
            try (CatalogBatch batch = catalog.batch()) {
                for (int j = 0; j <= i % 60; j++) {
                    byte[] name = ("name" + i + "-" + j).getBytes(StandardCharsets.UTF_8);
                    batch.putDirent(0, 1, name, new Dirent(i, 0x8000));
                }
                catalog.commit(batch, Sync.NO);
            }
        }
        try (Stream<Path> files = Files.list(live)) {
            for (Path file : files.toList()) {
                Files.copy(file, crashed.resolve(live.relativize(file)));
            }
        }
        catalog.close();
    }

    private Path log() throws IOException {
        try (Stream<Path> files = Files.list(crashed)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    private static boolean isTorn(byte[] bytes) {
        return LogScan.isWholeButForItsEnd(ByteBuffer.wrap(bytes));
    }

    @Test
    void aLogCutAnywhereIsTornAndOpens() throws Exception {
        byte[] whole = Files.readAllBytes(log());
        assertThat(whole.length).isGreaterThan(100_000);
        for (int length = 0; length <= whole.length; length += 97) {
            assertThat(isTorn(Arrays.copyOf(whole, length))).as("cut at " + length).isTrue();
        }
        Files.write(log(), Arrays.copyOf(whole, whole.length - 5));
        Catalog.openReadOnly(crashed).close();
        Catalog.open(crashed, BOOT).close();
    }

    @Test
    void aByteDamagedBeforeTheLastRecordIsNoTornEnd() throws Exception {
        byte[] whole = Files.readAllBytes(log());
        for (int at = 0; at < whole.length - 3000; at += 997) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x55;
            assertThat(isTorn(damaged)).as("byte " + at).isFalse();
        }
    }

    @Test
    void aDamagedLogIsRefusedUnlessTheMachineWasLost() throws Exception {
        byte[] damaged = Files.readAllBytes(log());
        damaged[damaged.length / 2] ^= 1;
        Files.write(log(), damaged);
        assertThatThrownBy(() -> Catalog.open(crashed, BOOT)).isInstanceOf(CatalogException.class);
        assertThatThrownBy(() -> Catalog.openReadOnly(crashed))
                .isInstanceOf(CatalogException.class);
        assertThat(Files.readAllBytes(log())).isEqualTo(damaged);
        // Pages of it may have reached the disk in any order: what is before the gap counts.
        try (Catalog opened = Catalog.open(crashed, "another boot")) {
            assertThat(opened.volume()).isNotNull();
        }
    }
}
