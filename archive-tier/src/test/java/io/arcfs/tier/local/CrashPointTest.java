package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Priority;
import io.arcfs.tier.catalog.DyingCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of a container, ended at every catalog write in turn, just before and just after it:
 * whatever a flush has promised is there afterwards, and the life goes on to its end.
 */
@Timeout(60)
final class CrashPointTest {
    private static final ContainerId ONE = new ContainerId(1, 1);
    private static final Geometry TINY = TierFixture.TINY;
    private static final long START = TINY.firstDataAddress(1);
    private static final byte[] BYTES = TierFixture.random(1, 40 * 4096);

    @TempDir Path dir;

    @Test
    void dyingAtAnyCatalogWriteLosesNothingThatWasFlushed() throws Exception {
        int points = 0;
        while (dieAt(points + 1, false)) {
            points++;
            assertThat(dieAt(points, true)).isTrue();
        }
        assertThat(points)
                .as("open, closed, cold, evicted, whole again, evicted again")
                .isGreaterThanOrEqualTo(6);
    }

    /** Returns false when the life ended before that many writes. */
    private boolean dieAt(int write, boolean made) throws Exception {
        String point = (made ? "after" : "before") + " write " + write;
        Path root = Files.createDirectory(dir.resolve(point.replace(' ', '-')));
        boolean flushed = false;
        AtomicReference<DyingCatalog> catalog = new AtomicReference<>();
        try (TierFixture fixture = TierFixture.open(root)) {
            fixture.catalogSeam =
                    real -> {
                        DyingCatalog dying = new DyingCatalog(real, write, made);
                        catalog.set(dying);
                        return dying;
                    };
            fixture.reopen();
            try {
                fixture.tier.control().open(ONE);
                fixture.write(START, BYTES);
                fixture.tier.device().flush();
                flushed = true;
                liveOn(fixture);
            } catch (IOException e) {
                assertThat(e).as(point).hasStackTraceContaining("the process has died");
            }
            boolean died = catalog.get().isDead();
            fixture.catalogSeam = UnaryOperator.identity();
            fixture.reopen();
            boolean known = fixture.tier.control().containers().containsKey(ONE);
            assertThat(known || !flushed).as(point).isTrue();
            if (known) {
                check(fixture, flushed, point);
            }
            return died;
        }
    }

    @Test
    void aReleaseThatDiesAnywhereIsUndoneOrFinished() throws Exception {
        int points = 0;
        boolean died = true;
        for (int write = 1; died; write++) {
            for (boolean made : new boolean[] {false, true}) {
                died = releaseDyingAt(write, made);
            }
            points = write;
        }
        assertThat(points)
                .as("sequence, a place, the row, notes of heads, pins, checks, the place")
                .isGreaterThanOrEqualTo(6);
    }

    /** Returns false when it was done before that many writes. */
    private boolean releaseDyingAt(int write, boolean made) throws Exception {
        String point = "release " + (made ? "after" : "before") + " write " + write;
        Path root = Files.createDirectory(dir.resolve(point.replace(' ', '-')));
        AtomicReference<DyingCatalog> catalog = new AtomicReference<>();
        try (TierFixture fixture = TierFixture.open(root)) {
            fixture.tier.control().open(ONE);
            fixture.write(START, BYTES);
            close(fixture);
            fixture.tier.control().awaitDestaged();
            fixture.tier.control().pin(List.of(new DeviceExtent(START, 4096)));
            fixture.catalogSeam =
                    real -> {
                        DyingCatalog dying = new DyingCatalog(real, write, made);
                        catalog.set(dying);
                        return dying;
                    };
            fixture.reopen();
            try {
                fixture.tier.control().release(ONE);
            } catch (IOException e) {
                assertThat(e).as(point).hasStackTraceContaining("the process has died");
            }
            boolean died = catalog.get().isDead();
            fixture.catalogSeam = UnaryOperator.identity();
            fixture.reopen();
            Path place = fixture.medium(0).resolve("c00000001.0001");
            if (fixture.tier.control().containers().containsKey(ONE)) {
                assertThat(fixture.read(START, BYTES.length)).as(point).isEqualTo(BYTES);
                assertThat(place).as(point).exists();
                fixture.tier.control().release(ONE);
            }
            assertThat(place).as(point).doesNotExist();
            assertThat(fixture.tier.control().nextSequence(1)).as(point).isEqualTo(2);
            assertThat(fixture.ssd("c00000001.0001")).as(point).doesNotExist();
            return died;
        }
    }

    private static void liveOn(TierFixture fixture) throws Exception {
        close(fixture);
        fixture.tier.control().awaitDestaged();
        fixture.tier.control().evictAll();
        DeviceExtent all = new DeviceExtent(START, BYTES.length);
        fixture.tier.control().recall(List.of(all), Priority.PRESTAGE);
        for (int i = 0; i < 200 && state(fixture) != ContainerState.COLD; i++) {
            Thread.sleep(5);
        }
        fixture.tier.control().evict(List.of(new DeviceExtent(START, 100_000)));
    }

    private static void check(TierFixture fixture, boolean flushed, String point) throws Exception {
        byte[] expected = flushed ? BYTES : new byte[BYTES.length];
        assertThat(fixture.read(START, BYTES.length)).as(point).isEqualTo(expected);
        liveOn(fixture);
        assertThat(fixture.read(START, BYTES.length)).as(point).isEqualTo(expected);
        fixture.tier.control().evictAll();
        assertThat(fixture.read(START, BYTES.length)).as(point).isEqualTo(expected);
    }

    private static void close(TierFixture fixture) throws IOException {
        fixture.tier.control().close(ONE, START + BYTES.length, List.of(), TierFixture.DESCRIPTOR);
    }

    private static ContainerState state(TierFixture fixture) {
        return fixture.tier.control().containers().getOrDefault(ONE, ContainerState.OPEN);
    }
}
