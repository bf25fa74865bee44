package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.overlay.FsException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Appends on an SSD that is full or gets full. */
@Timeout(60)
final class SpaceTest {
    private static final long LIMIT = 32L << 20;
    private static final byte[] MIB = new byte[1 << 20];

    @TempDir Path directory;
    private final Settings settings = new Settings();

    private Volume open() throws IOException {
        settings.ssdLimitBytes = LIMIT;
        return Volume.in(directory, settings);
    }

    private static int fill(Volume volume, String path) throws IOException {
        volume.create(path, "");
        for (int i = 0; i < 1000; i++) {
            try {
                volume.append(path, MIB);
            } catch (FsException e) {
                assertThat(e.reason()).isEqualTo(Reason.NO_SPACE);
                return i;
            }
        }
        throw new AssertionError("it never got full");
    }

    @Test
    void theFormulaAdmitsWhatFitsTwiceBesideTheReserve() throws Exception {
        try (Volume volume = open()) {
            // limit - limit/8 of reserve, three bytes for each: the upper's, staged, and counted
            // ahead.
            assertThat(fill(volume, "/f")).isBetween(7, 14);
            assertThat(volume.fs().space().freeBytes()).isLessThan(3L << 20);
            assertThat(volume.readAll("/f")).hasSizeGreaterThan(7 << 20);
            volume.mkdir("/still");
            volume.unlink("/f");
            assertThat(volume.archive()).isTrue();
            volume.fs().sync();
            assertThat(fill(volume, "/g")).isGreaterThan(6);
        }
    }

    @Test
    void appendsWaitWhileAMediumTakesBytes() throws Exception {
        settings.ssdFullTimeout = Duration.ofMillis(800);
        try (Volume volume = open();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            volume.create("/f", "");
            volume.tier().report(LIMIT, 0);
            Future<?> append =
                    threads.submit(() -> {
                        volume.append("/f", MIB);
                        return null;
                    });
            for (int object = 1; object <= 10; object++) {
                volume.tier().report(LIMIT, object);
                int written = object;
                assertThatThrownBy(() -> append.get(200, TimeUnit.MILLISECONDS))
                        .as("object %d", written)
                        .isInstanceOf(java.util.concurrent.TimeoutException.class);
            }
            volume.tier().report(0, 10);
            append.get();
            assertThat(volume.readAll("/f")).hasSize(MIB.length);
        }
    }

    @Test
    void withoutProgressTheyFailAfterTheTimeout() throws Exception {
        settings.ssdFullTimeout = Duration.ofMillis(300);
        try (Volume volume = open()) {
            volume.create("/f", "");
            volume.tier().report(LIMIT, 7);
            long began = System.nanoTime();
            assertThatThrownBy(() -> volume.append("/f", MIB))
                    .isInstanceOfSatisfying(
                            FsException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.NO_SPACE));
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofMillis(300), Duration.ofSeconds(5));
        }
    }

    @Test
    void aWaitingAppendCanBeInterrupted() throws Exception {
        settings.ssdFullTimeout = Duration.ofHours(1);
        try (Volume volume = open();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            volume.create("/f", "");
            volume.tier().report(LIMIT, 0);
            Thread[] appender = new Thread[1];
            Future<?> append =
                    threads.submit(() -> {
                        appender[0] = Thread.currentThread();
                        volume.append("/f", MIB);
                        return null;
                    });
            Awaitility.await()
                    .until(() ->
                            appender[0] != null
                                    && appender[0].getState() == Thread.State.TIMED_WAITING);
            volume.unlink("/f");
            appender[0].interrupt();
            assertThatThrownBy(append::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            FsException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED));
        }
    }
}
