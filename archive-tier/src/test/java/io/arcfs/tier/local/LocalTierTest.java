package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Priority;
import io.arcfs.tier.TierStatus;
import io.arcfs.tier.WriteRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalTierTest {
    private static final ContainerId ONE = new ContainerId(1, 1);
    private static final Geometry TINY = TierFixture.TINY;
    private static final long START = TINY.firstDataAddress(1);

    @TempDir Path dir;

    @Test
    void whatWasNeverWrittenReadsAsZeros() throws IOException {
        try (TierFixture fixture = TierFixture.open(dir)) {
            assertThat(fixture.read(0, 1 << 20)).containsOnly(0);
            assertThat(fixture.read(TINY.deviceBytes() - 8192, 8192)).containsOnly(0);
            fixture.tier.control().open(ONE);
            assertThat(fixture.read(START - 4096, 3 << 20)).containsOnly(0);
        }
    }

    @Test
    void bytesSurviveEveryStateAndReopening() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = TierFixture.random(1, 100 * 4096);
            fixture.tier.control().open(ONE);
            fixture.write(START, bytes);
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
            fixture.tier.device().flush();
            fixture.reopen();
            assertThat(state(fixture)).isEqualTo(ContainerState.OPEN);
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);

            fixture.tier
                    .control()
                    .close(ONE, START + bytes.length, List.of(), TierFixture.DESCRIPTOR);
            fixture.tier
                    .control()
                    .close(ONE, START + bytes.length, List.of(), TierFixture.DESCRIPTOR);
            fixture.tier.control().awaitDestaged();
            assertThat(state(fixture)).isEqualTo(ContainerState.COLD);
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
            TierStatus.Medium medium = fixture.tier.control().status().media().getFirst();
            assertThat(medium.objectsRead()).isZero();
            assertThat(medium.objectsVerified()).isEqualTo(medium.objectsWritten()).isEqualTo(34);

            long freed = fixture.tier.control().evictAll();
            assertThat(freed).isGreaterThanOrEqualTo(bytes.length);
            assertThat(state(fixture)).isEqualTo(ContainerState.EVICTED);
            assertThat(dir.resolve("volume/ssd")).isDirectoryNotContaining("glob:**/c*");
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
            assertThat(fixture.tier.control().status().media().getFirst().objectsRead())
                    .isEqualTo(34);
            fixture.reopen();
            assertThat(fixture.read(START + 5000, 3))
                    .isEqualTo(Arrays.copyOfRange(bytes, 5000, 5003));
            assertThat(fixture.tier.control().status().media().getFirst().objectsRead())
                    .as("recalled objects are found again after a restart")
                    .isZero();
        }
    }

    @Test
    void aRecallOfEverythingMakesTheContainerColdAgain() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = fixture.fillAndClose(ONE, 2, 300 * 4096);
            fixture.tier.control().awaitDestaged();
            fixture.tier.control().evictAll();
            DeviceExtent all = new DeviceExtent(START, bytes.length);
            assertThat(fixture.tier.control().isResident(all)).isFalse();
            fixture.tier.control().recall(List.of(all), Priority.PRESTAGE);
            assertThat(fixture.tier.control().isResident(all)).isTrue();
            assertThat(waitForState(fixture, ContainerState.COLD)).isTrue();
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void evictingExtentsDropsOnlyObjectsThatLieWhollyInThem() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = fixture.fillAndClose(ONE, 3, 30 * 4096);
            fixture.tier.control().awaitDestaged();
            fixture.read(START, bytes.length);
            // Two neighbours that together cover objects 1 and 2, and half of object 3.
            long freed =
                    fixture.tier
                            .control()
                            .evict(
                                    List.of(
                                            new DeviceExtent(START + 6 * 4096, 4 * 4096 + 1),
                                            new DeviceExtent(START + 3 * 4096, 3 * 4096)));
            assertThat(freed).isEqualTo(2 * 12 * 1024);
            assertThat(resident(fixture, 0, 3 * 4096)).isTrue();
            assertThat(resident(fixture, 3 * 4096, 4096)).isFalse();
            assertThat(resident(fixture, 8 * 4096, 4096)).isFalse();
            assertThat(resident(fixture, 9 * 4096, 21 * 4096)).isTrue();
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
            assertThat(fixture.tier.control().status().media().getFirst().objectsRead())
                    .isEqualTo(2);
        }
    }

    @Test
    void writesAreTakenOnlyInsideOpenContainers() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] block = new byte[4096];
            assertThatThrownBy(() -> fixture.write(START, block))
                    .isInstanceOf(WriteRefusedException.class)
                    .hasMessageContaining("container 1 is not open");
            fixture.tier.control().open(ONE);
            assertThatThrownBy(() -> fixture.write(START, new byte[100]))
                    .isInstanceOf(WriteRefusedException.class)
                    .hasMessageContaining("not whole blocks");
            assertThatThrownBy(() -> fixture.write(TINY.dataEnd(1), block))
                    .isInstanceOf(WriteRefusedException.class)
                    .hasMessageContaining("outside of the data area");
            fixture.tier.control().open(new ContainerId(0, 1));
            assertThatThrownBy(() -> fixture.write(0, block))
                    .isInstanceOf(WriteRefusedException.class);
            fixture.write(Geometry.RESERVED_BYTES, block);
            fixture.write(START, block);
            fixture.tier.control().close(ONE, START + 4096, List.of(), TierFixture.DESCRIPTOR);
            assertThatThrownBy(() -> fixture.write(START, block))
                    .isInstanceOf(WriteRefusedException.class)
                    .hasMessageContaining("takes no writes");
            assertThatThrownBy(() -> fixture.tier.control().open(ONE))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> fixture.tier.control().open(new ContainerId(1, 2)))
                    .hasMessageContaining("container 1.1 is");
            assertThatThrownBy(() -> fixture.tier.control().open(new ContainerId(16, 1)))
                    .hasMessageContaining("only 16 containers");
        }
    }

    @Test
    void aDiscardedContainerIsForgottenAndItsNumberFree() throws IOException {
        try (TierFixture fixture = TierFixture.open(dir)) {
            fixture.tier.control().open(ONE);
            fixture.write(START, TierFixture.random(4, 8192));
            fixture.tier.control().discard(ONE);
            fixture.tier.control().discard(ONE);
            assertThat(fixture.tier.control().containers()).isEmpty();
            assertThat(fixture.read(START, 8192)).containsOnly(0);
            fixture.tier.control().open(ONE);
            assertThat(fixture.read(START, 8192)).containsOnly(0);
            fixture.reopen();
            assertThat(fixture.tier.control().containers()).containsKey(ONE);
        }
    }

    @Test
    void aSecondOwnerIsRefused() throws IOException {
        try (TierFixture fixture = TierFixture.open(dir)) {
            assertThatThrownBy(() -> LocalTier.open(fixture.options()))
                    .hasMessageContaining("the tier is in use by another process");
        }
    }

    @Test
    void twoNamesOfOneMediumAreRefused() {
        assertThatThrownBy(() -> open(List.of("dir:cold", "dir:cold/../cold"), 2))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("are the same; name it once");
        assertThatThrownBy(() -> open(List.of("dir:cold"), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("copies is 2");
        assertThatThrownBy(() -> open(List.of("tape:cold"), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("are not built yet");
    }

    @Test
    void statusWarnsOfAMediumOnTheSsdsOwnFileSystem() throws IOException {
        try (LocalTier tier = open(List.of("dir:cold"), 1)) {
            assertThat(tier.control().status().problems())
                    .singleElement()
                    .asString()
                    .contains("dir:cold lies on the SSD's own file system");
            assertThat(tier.control().status().media().getFirst().state()).isEqualTo("ok");
        }
    }

    private LocalTier open(List<String> cold, int copies) throws IOException {
        return LocalTier.open(
                new TierOptions(
                        dir.resolve("volume"),
                        TierFixture.VOLUME,
                        TINY,
                        cold,
                        copies,
                        Long.MAX_VALUE));
    }

    private static boolean resident(TierFixture fixture, long offset, long length) {
        return fixture.tier.control().isResident(new DeviceExtent(START + offset, length));
    }

    private static ContainerState state(TierFixture fixture) {
        return fixture.tier.control().containers().getOrDefault(ONE, ContainerState.OPEN);
    }

    private static boolean waitForState(TierFixture fixture, ContainerState state)
            throws InterruptedException {
        for (int i = 0; i < 500 && state(fixture) != state; i++) {
            Thread.sleep(10);
        }
        return state(fixture) == state;
    }
}
