package io.arcfs.tier.medium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.FooterWriter;
import io.arcfs.tier.container.ObjectTable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every medium does; each kind of medium runs it. */
abstract class MediumContract {
    static final Geometry TINY = new Geometry(4096, 64 << 10, 12 << 10, 1_900 << 10, 2 << 20, 16);
    static final UUID VOLUME = UUID.fromString("0f2a7a5c-9c1e-4c57-9d1b-5d2f3a6b7c8d");
    static final ContainerId ID = new ContainerId(3, 1);

    /** Opens the medium under test, as it was left. */
    abstract Medium open() throws IOException;

    /** Damages one byte of a committed place. */
    abstract void flip(String place, long offsetInContainer) throws IOException;

    @Test
    void whatIsCommittedIsReadBackFromAnyOffset() throws IOException {
        byte[] bytes = random(100_000);
        try (Medium medium = open()) {
            String place = write(medium, ID, bytes);
            byte[] part = new byte[50_001];
            medium.read(place, 33, MemorySegment.ofArray(part));
            assertThat(part).isEqualTo(Arrays.copyOfRange(bytes, 33, 33 + 50_001));
            byte[] hole = new byte[12_288];
            medium.read(place, 1_000_000, MemorySegment.ofArray(hole));
            assertThat(hole).containsOnly(0);
        }
    }

    @Test
    void committedContainersAreListedByTheirFootersAfterReopening() throws IOException {
        String place;
        try (Medium medium = open()) {
            assertThat(medium.list().whole()).isEmpty();
            assertThat(medium.usedBytes()).isZero();
            place = write(medium, ID, random(5000));
            write(medium, new ContainerId(4, 2), random(5000));
        }
        try (Medium medium = open()) {
            Medium.Listing listing = medium.list();
            assertThat(listing.damaged()).isEmpty();
            assertThat(listing.whole())
                    .extracting(stored -> stored.footer().container())
                    .containsExactly(ID, new ContainerId(4, 2));
            assertThat(listing.whole().getFirst().place()).isEqualTo(place);
            assertThat(medium.usedBytes()).isBetween(10_000L, 200_000L);
        }
    }

    @Test
    void identityIsKept() throws IOException {
        UUID id;
        try (Medium medium = open()) {
            id = medium.id();
        }
        try (Medium medium = open()) {
            assertThat(medium.id()).isEqualTo(id);
        }
    }

    @Test
    void anAbandonedWriteLeavesNothing() throws IOException {
        try (Medium medium = open()) {
            try (Medium.ContainerWriter writer = medium.begin(ID)) {
                writer.write(0, MemorySegment.ofArray(random(5000)));
            }
            // And one whose process dies:
            Medium.ContainerWriter dead = medium.begin(ID);
            dead.write(0, MemorySegment.ofArray(random(5000)));
            assertThat(medium.list()).isEqualTo(new Medium.Listing(List.of(), List.of()));
        }
        try (Medium medium = open()) {
            assertThat(medium.list()).isEqualTo(new Medium.Listing(List.of(), List.of()));
            assertThat(medium.usedBytes()).isZero();
        }
    }

    @Test
    void aTornFooterIsNamedAndTheOthersAreStillListed() throws IOException {
        try (Medium medium = open()) {
            String torn = write(medium, ID, random(5000));
            write(medium, new ContainerId(4, 1), random(5000));
            flip(torn, TINY.dataBytes() + 70);
            Medium.Listing listing = medium.list();
            assertThat(listing.whole()).hasSize(1);
            assertThat(listing.damaged()).singleElement().asString().contains("CRC32C");
        }
    }

    @Test
    void whatIsFreedIsGoneAndFreeingTwiceIsFine() throws IOException {
        try (Medium medium = open()) {
            String place = write(medium, ID, random(5000));
            medium.free(place);
            medium.free(place);
            assertThat(medium.list().whole()).isEmpty();
            assertThatThrownBy(() -> medium.read(place, 0, MemorySegment.ofArray(new byte[1])))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aRepeatedWriteOfAContainerWins() throws IOException {
        try (Medium medium = open()) {
            write(medium, ID, random(5000));
            String place = write(medium, ID, new byte[] {1, 2, 3});
            byte[] back = new byte[3];
            medium.read(place, 0, MemorySegment.ofArray(back));
            assertThat(back).containsExactly(1, 2, 3);
            assertThat(medium.list().whole()).hasSize(1);
        }
    }

    @Test
    void aReaderGivesTheSameBytesWhateverItsOrder() throws IOException {
        byte[] bytes = random((int) TINY.dataBytes());
        try (Medium medium = open()) {
            String place = write(medium, ID, bytes);
            try (Medium.PlaceReader reader = medium.reader(place)) {
                int[] offsets = {0, 4096, 8192, 50, 20_000, 4096};
                for (int offset : offsets) {
                    byte[] back = new byte[4096];
                    reader.read(offset, MemorySegment.ofArray(back));
                    assertThat(back).isEqualTo(Arrays.copyOfRange(bytes, offset, offset + 4096));
                }
            }
        }
    }

    @Test
    void aReaderThatIsOpenSeesAPlaceWrittenAnew() throws IOException {
        try (Medium medium = open()) {
            String place = write(medium, ID, random(5000));
            try (Medium.PlaceReader reader = medium.reader(place)) {
                byte[] back = new byte[3];
                reader.read(0, MemorySegment.ofArray(back));
                String again = write(medium, ID, new byte[] {1, 2, 3});
                if (again.equals(place)) {
                    reader.read(0, MemorySegment.ofArray(back));
                    assertThat(back).containsExactly(1, 2, 3);
                }
                medium.free(again);
                if (again.equals(place)) {
                    assertThatThrownBy(() -> reader.read(0, MemorySegment.ofArray(back)))
                            .isInstanceOf(IOException.class);
                }
            }
        }
    }

    @Test
    void readingBehindTheEndIsAnError() throws IOException {
        try (Medium medium = open()) {
            String place = write(medium, ID, random(5000));
            assertThatThrownBy(() ->
                            medium.read(
                                    place,
                                    TINY.containerBytes() - 10,
                                    MemorySegment.ofArray(new byte[11])))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void gapsOfAReusedPlaceReadAsZeros() throws IOException {
        try (Medium medium = open()) {
            for (int round = 0; round < 20; round++) {
                // Fills whatever place it gets with bytes that the next one must not show.
                medium.free(write(medium, ID, random(1_000_000)));
                byte[] bytes = random(4_096);
                String place = write(medium, ID, bytes);
                byte[] back = new byte[1_000_000];
                medium.read(place, 0, MemorySegment.ofArray(back));
                assertThat(back).startsWith(bytes);
                assertThat(Arrays.copyOfRange(back, bytes.length, back.length)).containsOnly(0);
                medium.free(place);
            }
        }
    }

    @Test
    void placesHavePositionsAndContainersWrittenInOrderLieInOrder() throws IOException {
        try (Medium medium = open()) {
            String first = write(medium, ID, random(5000));
            String second = write(medium, new ContainerId(4, 1), random(5000));
            assertThat(medium.position(second) - medium.position(first))
                    .isGreaterThanOrEqualTo(TINY.containerBytes());
            assertThatThrownBy(() -> medium.position("nowhere")).isInstanceOf(IOException.class);
            assertThat(medium.costs().bytesPerSecond()).isPositive();
        }
    }

    @Test
    void manySmallWritesWithGapsComeBack() throws IOException {
        try (Medium medium = open()) {
            byte[] expected = new byte[(int) TINY.dataBytes()];
            Random random = new Random(7);
            String place;
            try (Medium.ContainerWriter writer = medium.begin(ID)) {
                for (int at = 0; at < expected.length; ) {
                    byte[] piece = random(1 + random.nextInt(5000));
                    int length = Math.min(piece.length, expected.length - at);
                    System.arraycopy(piece, 0, expected, at, length);
                    writer.write(at, MemorySegment.ofArray(piece).asSlice(0, length));
                    at += length + random.nextInt(9000);
                }
                place = writer.commit();
            }
            byte[] back = new byte[expected.length];
            medium.read(place, 0, MemorySegment.ofArray(back));
            assertThat(back).isEqualTo(expected);
        }
    }

    static String write(Medium medium, ContainerId id, byte[] bytes) throws IOException {
        int[] crcs = new int[ObjectTable.count(TINY, bytes.length)];
        Footer footer =
                new Footer(
                        VOLUME,
                        TINY,
                        id,
                        bytes.length,
                        ObjectTable.of(TINY, bytes.length, crcs),
                        Checksums.sha256().digest(),
                        new byte[0],
                        List.of());
        try (Medium.ContainerWriter writer = medium.begin(id)) {
            writer.write(0, MemorySegment.ofArray(bytes));
            writer.write(TINY.dataBytes(), MemorySegment.ofArray(FooterWriter.encode(footer)));
            return writer.commit();
        }
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
