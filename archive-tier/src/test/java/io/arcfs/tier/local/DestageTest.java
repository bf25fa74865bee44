package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DamagedBlockException;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.FooterReader;
import io.arcfs.tier.medium.DirectoryMedium;
import io.arcfs.tier.medium.Medium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class DestageTest {
    private static final ContainerId ONE = new ContainerId(1, 1);
    private static final Geometry TINY = TierFixture.TINY;
    private static final long START = TINY.firstDataAddress(1);

    @TempDir Path dir;

    @Test
    void theMediumHoldsTheDataAtItsOffsetsAndATrueFooter() throws Exception {
        byte[] bytes;
        try (TierFixture fixture = TierFixture.open(dir)) {
            bytes = fixture.fillAndClose(ONE, 1, 50 * 4096);
            fixture.tier.control().awaitDestaged();
            byte[] file = Files.readAllBytes(fixture.medium(0).resolve("c00000001.0001"));
            assertThat(file).hasSize((int) TINY.containerBytes());
            assertThat(Arrays.copyOf(file, bytes.length)).isEqualTo(bytes);
            byte[] device = fixture.read(START, (int) TINY.containerBytes());
            assertThat(device)
                    .as("the device shows the container as the medium has it")
                    .isEqualTo(file);
            byte[] tail = Arrays.copyOfRange(file, file.length - 32, file.length);
            assertThat(FooterReader.footerOffset(tail, "tail")).isEqualTo(TINY.dataBytes());
        }
        try (Medium medium =
                DirectoryMedium.openOrCreate(dir.resolve("cold0"), TierFixture.VOLUME, TINY)) {
            Footer footer = medium.list().whole().getFirst().footer();
            assertThat(footer.volume()).isEqualTo(TierFixture.VOLUME);
            assertThat(footer.container()).isEqualTo(ONE);
            assertThat(footer.usedBytes()).isEqualTo(bytes.length);
            assertThat(footer.sha256()).isEqualTo(Checksums.sha256().digest(bytes));
            assertThat(footer.descriptor()).isEqualTo(TierFixture.DESCRIPTOR);
        }
    }

    @Test
    void aMediumThatDoesNotTakeItKeepsTheSsdCopyAndIsTriedAgain() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            fixture.faults.getFirst().failsWrites = true;
            byte[] bytes = fixture.fillAndClose(ONE, 2, 50 * 4096);
            assertThatThrownBy(() -> fixture.tier.control().awaitDestaged())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("container 1.1 cannot be destaged")
                    .hasMessageContaining("injected");
            assertThat(fixture.status(0).state()).isEqualTo("degraded");
            assertThat(fixture.problems()).anyMatch(line -> line.contains("injected"));
            assertThat(fixture.tier.control().evictAll()).isZero();
            assertThat(fixture.tier.control().evict(List.of(new DeviceExtent(START, bytes.length))))
                    .isZero();
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
            assertThat(fixture.medium(0)).isDirectoryNotContaining("glob:**/c0*");

            fixture.faults.getFirst().failsWrites = false;
            fixture.tier.control().awaitDestaged();
            assertThat(fixture.status(0).state()).isEqualTo("ok");
            assertThat(fixture.problems()).noneMatch(line -> line.contains("injected"));
            assertThat(fixture.tier.control().evictAll()).isPositive();
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void aMediumThatReadsBackWrongNeverMakesItCold() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            fixture.faults.getFirst().flippedOffset = 20_000;
            fixture.fillAndClose(ONE, 3, 50 * 4096);
            assertThatThrownBy(() -> fixture.tier.control().awaitDestaged())
                    .hasMessageContaining("object 1 reads back wrong");
            assertThat(state(fixture)).isEqualTo(ContainerState.STAGED);
            assertThat(fixture.medium(0)).isDirectoryNotContaining("glob:**/c0*");
            fixture.faults.getFirst().flippedOffset = TINY.dataBytes() + 50;
            assertThatThrownBy(() -> fixture.tier.control().awaitDestaged())
                    .as("a wrong footer counts as well")
                    .hasMessageContaining("reads back wrong");
            fixture.faults.getFirst().flippedOffset = -1;
            fixture.tier.control().awaitDestaged();
            assertThat(state(fixture)).isEqualTo(ContainerState.COLD);
        }
    }

    @Test
    void coldMeansOnAsManyMediaAsAskedFor() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir, 2, 3)) {
            fixture.faults.get(0).failsWrites = true;
            byte[] bytes = fixture.fillAndClose(ONE, 4, 50 * 4096);
            fixture.tier.control().awaitDestaged();
            assertThat(fixture.medium(0)).isDirectoryNotContaining("glob:**/c0*");
            assertThat(fixture.medium(1)).isDirectoryContaining("glob:**/c00000001.0001");
            assertThat(fixture.medium(2)).isDirectoryContaining("glob:**/c00000001.0001");
            fixture.tier.control().evictAll();
            fixture.faults.get(1).failsReads = true;
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void oneCopyOfTwoIsNotEnoughAndTheSecondFollowsAfterARestart() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir, 2, 2)) {
            fixture.faults.get(1).failsWrites = true;
            fixture.fillAndClose(ONE, 5, 50 * 4096);
            assertThatThrownBy(() -> fixture.tier.control().awaitDestaged())
                    .hasMessageContaining("injected");
            assertThat(state(fixture)).isEqualTo(ContainerState.STAGED);
            assertThat(fixture.tier.control().evictAll()).isZero();
            fixture.faults.get(1).failsWrites = false;
            fixture.reopen();
            fixture.tier.control().awaitDestaged();
            assertThat(state(fixture)).isEqualTo(ContainerState.COLD);
            assertThat(fixture.status(0).objectsWritten())
                    .as("the first copy was not made again")
                    .isZero();
        }
    }

    @Test
    void anAbsentMediumIsOfflineAndTakesItsContainersWhenItIsBack() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] first = fixture.fillAndClose(ONE, 6, 50 * 4096);
            fixture.tier.control().awaitDestaged();
            fixture.tier.control().evictAll();
            fixture.faults.getFirst().absent = true;
            fixture.reopen();
            assertThat(fixture.status(0).state()).isEqualTo("offline");
            assertThat(fixture.problems()).anyMatch(line -> line.contains("is offline"));
            assertThatThrownBy(() -> fixture.read(START, 4096)).hasMessageContaining("absent");
            ContainerId two = new ContainerId(2, 1);
            byte[] second = fixture.fillAndClose(two, 7, 50 * 4096);
            assertThat(fixture.read(TINY.firstDataAddress(2), second.length)).isEqualTo(second);
            assertThatThrownBy(() -> fixture.tier.control().awaitDestaged())
                    .hasMessageContaining("absent");
            fixture.faults.getFirst().absent = false;
            fixture.tier.control().awaitDestaged();
            assertThat(fixture.status(0).state()).isEqualTo("ok");
            assertThat(fixture.read(START, first.length)).isEqualTo(first);
        }
    }

    @Test
    void aDamagedBlockThatIsOnNoMediumIsNamedAndNeverDestaged() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            fixture.faults.getFirst().absent = true;
            fixture.reopen();
            byte[] bytes = fixture.fillAndClose(ONE, 8, 50 * 4096);
            TierFixture.flip(fixture.ssd("c00000001.0001"), 10 * 4096 + 5);
            assertThatThrownBy(() -> fixture.read(START, bytes.length))
                    .isInstanceOf(DamagedBlockException.class)
                    .hasMessageContaining("container 1.1, byte 40960");
            assertThat(fixture.read(START, 4096)).isEqualTo(Arrays.copyOf(bytes, 4096));
            fixture.faults.getFirst().absent = false;
            assertThatThrownBy(() -> fixture.tier.control().awaitDestaged())
                    .hasMessageContaining("damaged");
            assertThat(fixture.problems()).anyMatch(line -> line.contains("damaged"));
            assertThat(fixture.status(0).state()).as("no medium is to blame").isEqualTo("ok");
            assertThat(state(fixture)).isEqualTo(ContainerState.STAGED);
        }
    }

    @Test
    void closingTheTierInTheMiddleLosesNothing() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            fixture.faults.getFirst().holdReads();
            byte[] bytes = fixture.fillAndClose(ONE, 9, 100 * 4096);
            while (fixture.status(0).objectsWritten() < 34) {
                Thread.sleep(1);
            }
            Thread closer =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    fixture.reopen();
                                } catch (IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            });
            Thread.sleep(20);
            fixture.faults.getFirst().releaseReads();
            closer.join();
            fixture.tier.control().awaitDestaged();
            fixture.tier.control().evictAll();
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void theSsdLimitDropsWhatIsColdLeastRecentlyUsedFirst() throws Exception {
        try (TierFixture fixture = TierFixture.openLimited(dir, 4 << 20)) {
            byte[][] written = new byte[6][];
            for (int i = 0; i < written.length; i++) {
                written[i] =
                        fixture.fillAndClose(new ContainerId(i + 1, 1), i, 1_400_000 / 4096 * 4096);
                fixture.tier.control().awaitDestaged();
            }
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (fixture.tier.control().status().ssdUsedBytes() > 4 << 20
                    && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
            assertThat(fixture.tier.control().status().ssdUsedBytes()).isLessThan(4 << 20);
            assertThat(fixture.tier.control().containers())
                    .containsEntry(ONE, ContainerState.EVICTED)
                    .containsEntry(new ContainerId(6, 1), ContainerState.COLD);
            for (int i = 0; i < written.length; i++) {
                assertThat(fixture.read(TINY.firstDataAddress(i + 1), written[i].length))
                        .isEqualTo(written[i]);
            }
        }
    }

    private static ContainerState state(TierFixture fixture) {
        return fixture.tier.control().containers().getOrDefault(ONE, ContainerState.OPEN);
    }
}
