package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.HeadExtent;
import io.arcfs.tier.HeadExtent.Kind;
import io.arcfs.tier.HeadSettings;
import io.arcfs.tier.Priority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays on the SSD of an evicted container: heads and pins. */
final class HeadsTest {
    private static final Geometry TINY = TierFixture.TINY;
    private static final int OBJECT = TINY.objectBytes();
    private static final int BLOCK = TINY.blockBytes();
    private static final ContainerId ONE = new ContainerId(1, 1);
    private static final long START = TINY.containerStart(1);

    @TempDir Path dir;

    private static HeadExtent head(long offset, long length) {
        return new HeadExtent(new DeviceExtent(START + offset, length), Kind.HEAD);
    }

    private static byte[] evicted(TierFixture fixture, HeadExtent... heads) throws Exception {
        byte[] bytes = fixture.fillAndClose(ONE, 5, 60 * OBJECT);
        fixture.tier.control().keepHeads(List.of(heads));
        fixture.tier.control().awaitDestaged();
        fixture.tier.control().evictAll();
        assertThat(fixture.tier.control().containers()).containsEntry(ONE, ContainerState.EVICTED);
        return bytes;
    }

    private static byte[] part(byte[] bytes, int from, int length) {
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    @Test
    void aHeadIsReadWithoutTouchingTheMedium() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            // Not whole objects, not whole blocks, one of them over another.
            byte[] bytes =
                    evicted(
                            fixture,
                            head(0, 5L * BLOCK),
                            head(2L * BLOCK, 6L * BLOCK),
                            head(40L * OBJECT + BLOCK, 100));
            assertThat(fixture.read(START, 8 * BLOCK)).isEqualTo(part(bytes, 0, 8 * BLOCK));
            assertThat(fixture.read(START + 17, 1000)).isEqualTo(part(bytes, 17, 1000));
            assertThat(fixture.read(START + 40L * OBJECT + BLOCK, BLOCK))
                    .isEqualTo(part(bytes, 40 * OBJECT + BLOCK, BLOCK));
            assertThat(fixture.status(0).objectsRead()).isZero();
            assertThat(
                            fixture.tier
                                    .control()
                                    .isResident(new DeviceExtent(START + BLOCK, 7L * BLOCK)))
                    .isTrue();
            assertThat(fixture.tier.control().isResident(new DeviceExtent(START, 9L * BLOCK)))
                    .isFalse();
            assertThat(fixture.tier.control().status().headBytes()).isGreaterThan(9L * BLOCK);
            assertThat(fixture.tier.control().status().ssdUsedBytes()).isLessThan(20L * BLOCK);
        }
    }

    @Test
    void headsAreThereAfterARestart() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, head(0, 8L * BLOCK));
            fixture.reopen();
            assertThat(fixture.read(START, 8 * BLOCK)).isEqualTo(part(bytes, 0, 8 * BLOCK));
            assertThat(fixture.status(0).objectsRead()).isZero();
        }
    }

    @Test
    void headsNotedBeforeARestartAreKeptWhenTheirContainerGoes() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = fixture.fillAndClose(ONE, 5, 60 * OBJECT);
            fixture.tier.control().keepHeads(List.of(head(0, 8L * BLOCK)));
            fixture.tier.control().awaitDestaged();
            fixture.reopen();
            fixture.tier.control().evictAll();
            assertThat(fixture.read(START, 8 * BLOCK)).isEqualTo(part(bytes, 0, 8 * BLOCK));
            assertThat(fixture.status(0).objectsRead()).isZero();
        }
    }

    @Test
    void aReadAcrossTheEndOfAHeadRecallsOnlyWhatIsBehind() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, head(0, 4L * OBJECT));
            assertThat(fixture.read(START + 3L * OBJECT, 2 * OBJECT))
                    .isEqualTo(part(bytes, 3 * OBJECT, 2 * OBJECT));
            // A little more comes along, as with every first read.
            assertThat(fixture.status(0).objectsRead()).isBetween(1L, 56L);
            assertThat(fixture.tier.control().isResident(new DeviceExtent(START, OBJECT))).isTrue();
        }
    }

    @Test
    void aDamagedHeadIsRecalledAndKeptAgain() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, head(0, 8L * BLOCK), head(30L * OBJECT, 8L * BLOCK));
            Path file = dir.resolve("volume/ssd/heads/h00000001.0001");
            TierFixture.flip(file, Files.size(file) - 5);
            assertThat(fixture.read(START + 30L * OBJECT, 8 * BLOCK))
                    .isEqualTo(part(bytes, 30 * OBJECT, 8 * BLOCK));
            long read = fixture.status(0).objectsRead();
            assertThat(read).isPositive();
            assertThat(fixture.read(START, 8 * BLOCK)).isEqualTo(part(bytes, 0, 8 * BLOCK));
            assertThat(fixture.status(0).objectsRead()).as("the other is whole").isEqualTo(read);
            fixture.tier.control().evictAll();
            assertThat(fixture.read(START + 30L * OBJECT, 8 * BLOCK))
                    .isEqualTo(part(bytes, 30 * OBJECT, 8 * BLOCK));
            assertThat(fixture.status(0).objectsRead()).isEqualTo(read);
        }
    }

    @Test
    void aBitFlippedAnywhereInAFileOfHeadsIsNeverServed() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = evicted(fixture, head(0, 2L * BLOCK));
            Path file = dir.resolve("volume/ssd/heads/h00000001.0001");
            byte[] whole = Files.readAllBytes(file);
            for (int at = 0; at < whole.length; at += at < 120 ? 7 : 997) {
                byte[] flipped = whole.clone();
                flipped[at] ^= 0x10;
                fixture.tier.close();
                Files.write(file, flipped);
                fixture.reopen();
                assertThat(fixture.read(START, 2 * BLOCK))
                        .as("flipped at %d", at)
                        .isEqualTo(part(bytes, 0, 2 * BLOCK));
            }
        }
    }

    @Test
    void headsThatHaveNoShareLeftShrinkOldestFirst() throws Exception {
        try (TierFixture fixture = TierFixture.openLimited(dir, 2_000_000)) {
            fixture.heads = new HeadSettings(256 << 10, 64 << 10, 1 << 20, 10, List.of());
            fixture.reopen();
            for (int container = 1; container <= 4; container++) {
                fixture.fillAndClose(new ContainerId(container, 1), container, 60 * OBJECT);
                fixture.tier
                        .control()
                        .keepHeads(
                                List.of(
                                        new HeadExtent(
                                                new DeviceExtent(
                                                        TINY.containerStart(container), 80 << 10),
                                                Kind.HEAD)));
                fixture.tier.control().awaitDestaged();
                fixture.tier.control().evictAll();
            }
            assertThat(fixture.tier.control().status().headBytes()).isLessThanOrEqualTo(200_000);
            assertThat(fixture.problems()).anyMatch(line -> line.startsWith("heads of "));
            // The newest is whole.
            assertThat(
                            fixture.tier
                                    .control()
                                    .isResident(new DeviceExtent(TINY.containerStart(4), 80 << 10)))
                    .isTrue();
            assertThat(fixture.tier.control().isResident(new DeviceExtent(START, 80 << 10)))
                    .isFalse();
        }
    }

    @Test
    void whatIsPinnedStaysUntilItIsLetGo() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = fixture.fillAndClose(ONE, 5, 60 * OBJECT);
            DeviceExtent pinned = new DeviceExtent(START + 10L * OBJECT + 5, OBJECT);
            fixture.tier.control().pin(List.of(pinned));
            fixture.tier.control().awaitDestaged();
            fixture.tier.control().evictAll();
            assertThat(fixture.tier.control().isResident(pinned)).isTrue();
            assertThat(fixture.tier.control().isResident(new DeviceExtent(START, BLOCK))).isFalse();
            assertThat(fixture.tier.control().status().pinnedBytes()).isEqualTo(OBJECT);
            fixture.reopen();
            fixture.tier.control().evict(List.of(new DeviceExtent(START, 60L * OBJECT)));
            assertThat(fixture.tier.control().isResident(pinned)).isTrue();
            assertThat(fixture.read(START + 10L * OBJECT, 2 * OBJECT))
                    .isEqualTo(part(bytes, 10 * OBJECT, 2 * OBJECT));
            assertThat(fixture.status(0).objectsRead()).isZero();
            fixture.tier.control().unpin(List.of(pinned));
            fixture.tier.control().evictAll();
            assertThat(fixture.tier.control().isResident(pinned)).isFalse();
            fixture.tier.control().recall(List.of(pinned), Priority.PRESTAGE);
            assertThat(fixture.tier.control().isResident(pinned)).isTrue();
        }
    }

    @Test
    void aReleasedContainerIsGoneEverywhereAndItsNumberComesBackUnderTheNextSequence()
            throws Exception {
        try (TierFixture fixture = TierFixture.open(dir, 2, 2)) {
            evicted(fixture, head(0, 8L * BLOCK));
            fixture.tier.control().pin(List.of(new DeviceExtent(START, BLOCK)));
            fixture.tier.control().release(ONE);
            fixture.tier.control().release(ONE);
            assertThat(fixture.tier.control().containers()).isEmpty();
            assertThat(fixture.medium(0).resolve("c00000001.0001")).doesNotExist();
            assertThat(fixture.medium(1).resolve("c00000001.0001")).doesNotExist();
            assertThat(fixture.tier.control().status().headBytes()).isZero();
            assertThat(fixture.tier.control().status().pinnedBytes()).isZero();
            assertThat(fixture.tier.control().nextSequence(1)).isEqualTo(2);
            assertOpenFails(fixture, ONE, "its next sequence is 2");
            fixture.reopen();
            assertOpenFails(fixture, ONE, "its next sequence is 2");
            byte[] bytes = fixture.fillAndClose(new ContainerId(1, 2), 9, 20 * OBJECT);
            fixture.tier.control().awaitDestaged();
            fixture.tier.control().evictAll();
            assertThat(fixture.read(START, bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void whatAnOfflineMediumHoldsOfAReleasedContainerIsFreedWhenItIsBack() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir, 2, 2)) {
            evicted(fixture);
            fixture.faults.get(1).absent = true;
            fixture.reopen();
            fixture.tier.control().release(ONE);
            assertThat(fixture.medium(0).resolve("c00000001.0001")).doesNotExist();
            assertThat(fixture.medium(1).resolve("c00000001.0001")).exists();
            fixture.faults.get(1).absent = false;
            fixture.reopen();
            assertThat(fixture.medium(1).resolve("c00000001.0001")).doesNotExist();
        }
    }

    private static void assertOpenFails(TierFixture fixture, ContainerId id, String why) {
        assertThatThrownBy(() -> fixture.tier.control().open(id))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }
}
