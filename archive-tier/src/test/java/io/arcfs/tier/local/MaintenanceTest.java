package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.TierMaintenance.VerifyReport;
import io.arcfs.tier.TierMaintenance.VerifyRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damage found and mended, media that come and go, destaging that waits. */
@Timeout(120)
final class MaintenanceTest {
    private static final ContainerId ONE = new ContainerId(1, 1);
    private static final Geometry TINY = TierFixture.TINY;
    private static final long START = TINY.firstDataAddress(1);
    private static final int OBJECT = TINY.objectBytes();

    @TempDir Path dir;

    private static byte[] cold(TierFixture fixture) throws Exception {
        byte[] bytes = fixture.fillAndClose(ONE, 5, 60 * OBJECT);
        fixture.tier.control().awaitDestaged();
        fixture.tier.control().evictAll();
        return bytes;
    }

    private static Path copy(TierFixture fixture, int medium) {
        return fixture.medium(medium).resolve("c00000001.0001");
    }

    private static VerifyReport verify(TierFixture fixture, boolean repair) throws IOException {
        return fixture.tier
                .maintenance()
                .verify(new VerifyRequest(Long.MAX_VALUE, repair, List.of()));
    }

    @Test
    void whatAReaderFindsDamagedIsWrittenAnewFromTheOtherCopy() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir, 2, 2)) {
            byte[] bytes = cold(fixture);
            TierFixture.flip(copy(fixture, 0), 7L * OBJECT + 100);
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
            await().until(() -> fixture.status(0).state().equals("ok"));
            assertThat(verify(fixture, false).damaged()).isEmpty();
        }
    }

    @Test
    void verifyNamesEachDamagedObjectAndWhatItHolds() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            cold(fixture);
            TierFixture.flip(copy(fixture, 0), 7L * OBJECT + 100);
            VerifyReport report = verify(fixture, true);
            assertThat(report.complete()).isTrue();
            assertThat(report.objects()).isEqualTo(60);
            assertThat(report.damaged())
                    .singleElement()
                    .satisfies(damage -> {
                        assertThat(damage.what()).isEqualTo("container 1.1 object 7 is damaged");
                        assertThat(damage.extent())
                                .isEqualTo(new DeviceExtent(START + 7L * OBJECT, OBJECT));
                        assertThat(damage.repaired()).as("there is no other copy").isFalse();
                    });
            assertThat(fixture.read(START, 7 * OBJECT)).as("the rest is kept").hasSize(7 * OBJECT);
        }
    }

    @Test
    void verifyRepairsWhereAnotherCopyHasTheObject() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir, 2, 2)) {
            byte[] bytes = cold(fixture);
            // Each has what the other lacks.
            TierFixture.flip(copy(fixture, 0), 7L * OBJECT + 100);
            TierFixture.flip(copy(fixture, 1), 9L * OBJECT + 100);
            assertThat(verify(fixture, true).damaged())
                    .hasSize(2)
                    .allMatch(damage -> damage.repaired());
            assertThat(verify(fixture, false).damaged()).isEmpty();
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void verifyGoesOnWhereItsTimeRanOut() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            cold(fixture);
            fixture.fillAndClose(new ContainerId(2, 1), 6, 40 * OBJECT);
            fixture.tier.control().awaitDestaged();
            VerifyReport none =
                    fixture.tier.maintenance().verify(new VerifyRequest(0, false, List.of()));
            assertThat(none.complete()).isFalse();
            assertThat(none.objects()).isZero();
            long[] passed = {0};
            assertThatThrownBy(() ->
                            fixture.tier
                                    .scrubber()
                                    .run(
                                            new VerifyRequest(Long.MAX_VALUE, false, List.of()),
                                            work -> {
                                                passed[0] = work.doneBytes();
                                                throw new IllegalStateException("stopped");
                                            }))
                    .hasMessage("stopped");
            assertThat(passed[0]).isEqualTo(60L * OBJECT);
            fixture.reopen();
            assertThat(verify(fixture, false).objects()).as("the second only").isEqualTo(40);
            assertThat(verify(fixture, false).objects()).as("a new pass").isEqualTo(100);
        }
    }

    @Test
    void aMediumComesAndAnotherGoesAndNothingIsLost() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = cold(fixture);
            String old = "dir:" + dir.resolve("cold0");
            assertThatThrownBy(() -> fixture.tier.maintenance().retireMedium(old))
                    .hasMessageContaining("add one first");
            fixture.tier.maintenance().addMedium("dir:" + dir.resolve("fresh"));
            assertThatThrownBy(() ->
                            fixture.tier.maintenance().addMedium("dir:" + dir.resolve("./fresh")))
                    .hasMessageContaining("are the same");
            fixture.tier.maintenance().retireMedium(old);
            assertThat(fixture.tier.control().status().media())
                    .singleElement()
                    .satisfies(m -> assertThat(m.spec()).endsWith("fresh"));
            fixture.tier.control().evictAll();
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
            assertThat(fixture.tier.control().status().media().getFirst().objectsRead())
                    .isEqualTo(60);
        }
    }

    @Test
    void pausedDestagingStaysPausedOverARestart() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            fixture.tier.maintenance().pauseDestage(true);
            fixture.fillAndClose(ONE, 5, 60 * OBJECT);
            assertThatThrownBy(() -> fixture.tier.control().awaitDestaged())
                    .hasMessageContaining("paused");
            fixture.reopen();
            assertThat(fixture.tier.maintenance().isDestagePaused()).isTrue();
            assertThat(fixture.tier.control().status().stagedContainers()).isEqualTo(1);
            fixture.tier.maintenance().pauseDestage(false);
            fixture.tier.control().awaitDestaged();
            assertThat(fixture.tier.control().status().coldContainers()).isEqualTo(1);
        }
    }

    @Test
    void destagingKeepsToItsBandwidth() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            fixture.destageBytesPerSecond = 2_000_000;
            fixture.reopen();
            fixture.fillAndClose(ONE, 5, 60 * OBJECT);
            long start = System.nanoTime();
            fixture.tier.control().awaitDestaged();
            // Written and read back.
            double least = 2.0 * 59 * OBJECT / 2_000_000;
            assertThat((System.nanoTime() - start) / 1e9).isGreaterThan(least);
        }
    }
}
