package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Priority;
import io.arcfs.tier.TierStatus;
import io.arcfs.tier.UnreadableObjectException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class RecallTest {
    private static final ContainerId ONE = new ContainerId(1, 1);
    private static final Geometry TINY = TierFixture.TINY;
    private static final long START = TINY.firstDataAddress(1);
    private static final int OBJECT = TINY.objectBytes();

    @TempDir Path dir;

    @Test
    void readersOfOneObjectShareOneRead() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, 10 * OBJECT);
            fixture.faults.getFirst().holdReads();
            List<CompletableFuture<byte[]>> readers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                readers.add(async(() -> fixture.read(START + 4096, 4096)));
            }
            while (fixture.tier.control().status().recall().running() == 0) {
                Thread.sleep(1);
            }
            Thread.sleep(50);
            fixture.faults.getFirst().releaseReads();
            for (CompletableFuture<byte[]> reader : readers) {
                assertThat(reader.get()).isEqualTo(Arrays.copyOfRange(bytes, 4096, 8192));
            }
            assertThat(fixture.status(0).objectsRead()).isEqualTo(1);
            TierStatus.Recall recall = fixture.tier.control().status().recall();
            assertThat(recall.objects()).isEqualTo(1);
            assertThat(recall.bytes()).isEqualTo(OBJECT);
            assertThat(recall.queued()).isZero();
            assertThat(recall.running()).isZero();
        }
    }

    @Test
    void adjacentObjectsComeInOneReadOfTheMedium() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, 64 * OBJECT);
            int before = fixture.faults.getFirst().reads.get();
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
            assertThat(fixture.faults.getFirst().reads.get() - before)
                    .as("four objects at a time, so that readers need not wait for all")
                    .isEqualTo(16);
            assertThat(fixture.status(0).objectsRead()).isEqualTo(64);
        }
    }

    @Test
    void aWaitingReaderCanBeInterruptedAndLeavesTheQueue() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, 10 * OBJECT);
            fixture.faults.getFirst().holdReads();
            CompletableFuture<byte[]> first = async(() -> fixture.read(START, 4096));
            while (fixture.tier.control().status().recall().running() == 0) {
                Thread.sleep(1);
            }
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread second =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    fixture.read(START + 5L * OBJECT, 4096);
                                } catch (IOException e) {
                                    thrown.set(e);
                                }
                            });
            while (fixture.tier.control().status().recall().queued() == 0) {
                Thread.sleep(1);
            }
            second.interrupt();
            assertThat(second.join(Duration.ofSeconds(10))).isTrue();
            assertThat(thrown.get()).isInstanceOf(InterruptedIOException.class);
            assertThat(fixture.tier.control().status().recall().queued()).isZero();
            fixture.faults.getFirst().releaseReads();
            assertThat(first.get()).isEqualTo(Arrays.copyOf(bytes, 4096));
            assertThat(fixture.status(0).objectsRead()).isEqualTo(1);
        }
    }

    @Test
    void aMediumThatDoesNotAnswerIsATimeoutAndNoHang() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, 10 * OBJECT);
            fixture.recallTimeout = Duration.ofMillis(300);
            fixture.reopen();
            fixture.faults.getFirst().holdReads();
            assertThatThrownBy(() -> fixture.read(START, 4096))
                    .isInstanceOfSatisfying(
                            PosixException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
            fixture.faults.getFirst().releaseReads();
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void aSequentialReaderFindsItsBytesBeforeItAsks() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, 150 * OBJECT);
            assertThat(fixture.read(START, 640 << 10)).isEqualTo(Arrays.copyOf(bytes, 640 << 10));
            await().until(() -> fixture.status(0).objectsRead() == 150);
            fixture.faults.getFirst().failsReads = true;
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void aReaderHereAndThereBringsNothingElse() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            evicted(fixture, 150 * OBJECT);
            for (int object = 0; object < 150; object += 30) {
                fixture.read(START + (long) object * OBJECT, OBJECT);
            }
            assertThat(fixture.status(0).objectsRead()).isEqualTo(5);
            assertThat(fixture.tier.control().status().recall().queued()).isZero();
        }
    }

    @Test
    void closingTheTierTellsWhoWaits() throws Exception {
        TierFixture fixture = TierFixture.open(dir);
        evicted(fixture, 10 * OBJECT);
        fixture.faults.getFirst().holdReads();
        CompletableFuture<byte[]> running = async(() -> fixture.read(START, 4096));
        while (fixture.tier.control().status().recall().running() == 0) {
            Thread.sleep(1);
        }
        CompletableFuture<byte[]> queued = async(() -> fixture.read(START + 5L * OBJECT, 4096));
        while (fixture.tier.control().status().recall().queued() == 0) {
            Thread.sleep(1);
        }
        CompletableFuture<Void> closing =
                CompletableFuture.runAsync(() -> {
                    try {
                        fixture.close();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
        assertThatThrownBy(queued::get).hasMessageContaining("the tier is closing");
        fixture.faults.getFirst().releaseReads();
        closing.get();
        assertThat(running).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void aDamagedObjectIsReadFromTheOtherCopy() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir, 2, 2)) {
            byte[] bytes = evicted(fixture, 40 * OBJECT);
            TierFixture.flip(fixture.medium(0).resolve("c00000001.0001"), 7L * OBJECT + 100);
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
            assertThat(fixture.status(0).state()).isEqualTo("degraded");
            assertThat(fixture.status(1).state()).isEqualTo("ok");
            assertThat(fixture.status(1).objectsRead()).isPositive();
            assertThat(fixture.problems())
                    .anyMatch(line -> line.contains("container 1.1 object 7 is damaged"));
        }
    }

    @Test
    void theOnlyCopyDamagedIsAnErrorThatNamesContainerObjectAndMedium() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, 40 * OBJECT);
            Path file = fixture.medium(0).resolve("c00000001.0001");
            TierFixture.flip(file, 7L * OBJECT + 100);
            assertThatThrownBy(() -> fixture.read(START, bytes.length))
                    .isInstanceOf(UnreadableObjectException.class)
                    .hasMessageContaining("container 1.1 object 7")
                    .hasMessageContaining("cold0");
            assertThat(fixture.read(START, 7 * OBJECT))
                    .as("the others are there")
                    .isEqualTo(Arrays.copyOf(bytes, 7 * OBJECT));
            TierFixture.flip(file, 7L * OBJECT + 100);
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void aMediumThatDoesNotReadIsDegradedAndUsedAgainWhenItDoes() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, 40 * OBJECT);
            fixture.faults.getFirst().failsReads = true;
            assertThatThrownBy(() -> fixture.read(START, 4096))
                    .isInstanceOf(UnreadableObjectException.class)
                    .hasMessageContaining("injected");
            assertThat(fixture.status(0).state()).isEqualTo("degraded");
            fixture.faults.getFirst().failsReads = false;
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
            assertThat(fixture.status(0).state()).isEqualTo("ok");
            assertThat(fixture.problems()).noneMatch(line -> line.contains("injected"));
        }
    }

    @Test
    void recallOfManyExtentsBringsExactlyTheirObjects() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            evicted(fixture, 100 * OBJECT);
            List<DeviceExtent> extents =
                    List.of(
                            new DeviceExtent(START + 10L * OBJECT + 4096, 1),
                            new DeviceExtent(START + 20L * OBJECT, 2L * OBJECT));
            fixture.tier.control().recall(extents, Priority.PRESTAGE);
            assertThat(fixture.status(0).objectsRead()).isEqualTo(3);
            fixture.tier.control().recall(extents, Priority.FOREGROUND);
            assertThat(fixture.status(0).objectsRead()).isEqualTo(3);
        }
    }

    private static byte[] evicted(TierFixture fixture, int length) throws Exception {
        byte[] bytes = fixture.fillAndClose(ONE, 11, length);
        fixture.tier.control().awaitDestaged();
        assertThat(fixture.tier.control().evictAll()).isPositive();
        return bytes;
    }

    private interface Read {
        byte[] run() throws IOException;
    }

    private static CompletableFuture<byte[]> async(Read read) {
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        Thread unused =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                result.complete(read.run());
                            } catch (IOException e) {
                                result.completeExceptionally(e);
                            }
                        });
        assertThat(unused).isNotNull();
        return result;
    }
}
