package io.arcfs.tier.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class FooterTest {
    private static final Geometry TINY =
            new Geometry(4096, 64 << 10, 12 << 10, 1_900 << 10, 2 << 20, 16);
    private static final UUID VOLUME = UUID.fromString("0f2a7a5c-9c1e-4c57-9d1b-5d2f3a6b7c8d");

    @Test
    void decodeGivesBackWhatWasEncoded() throws IOException {
        Footer footer = footer(20_000, List.of(image(3), image(0)));
        byte[] bytes = FooterWriter.encode(footer);
        Footer back = FooterReader.decode(Arrays.copyOf(bytes, bytes.length + 99), "test");
        assertThat(FooterWriter.encode(back)).isEqualTo(bytes);
        assertThat(back.container()).isEqualTo(new ContainerId(7, 2));
        assertThat(back.geometry()).isEqualTo(TINY);
        assertThat(back.usedBytes()).isEqualTo(20_000);
        assertThat(back.objects().count()).isEqualTo(2);
        assertThat(back.objects().length(0)).isEqualTo(12 << 10);
        assertThat(back.objects().length(1)).isEqualTo(20_480 - (12 << 10));
        assertThat(back.images().getFirst().manifest()).hasSize(3);
        assertThat(back.images().getFirst().uuid()).isEqualTo(VOLUME);
        assertThat(new String(back.descriptor(), StandardCharsets.UTF_8)).isEqualTo("{}");
    }

    /** Freezes the bytes: whoever changes the format must raise the version. */
    @Test
    void theFirstBytesAreAsTheFormatSays() throws IOException {
        byte[] bytes = FooterWriter.encode(footer(20_000, List.of()));
        String hex = HexFormat.of().formatHex(bytes, 0, 108);
        assertThat(hex)
                .isEqualTo(
                        "41524346" // ARCF
                                + "636f6e7461696e6572000000" // container
                                + "01000000"
                                + HexFormat.of().formatHex(littleEndian(bytes.length))
                                + "0f2a7a5c9c1e4c579d1b5d2f3a6b7c8d"
                                + "00100000"
                                + "00000100"
                                + "00300000"
                                + "10000000"
                                + "00b01d0000000000"
                                + "0000200000000000"
                                + "07000000"
                                + "02000000"
                                + "204e000000000000"
                                + "02000000"
                                + "00300000"
                                + "64000000"
                                + "00200000"
                                + "65000000");
    }

    @Test
    void aFlippedBitAnywhereIsFound() throws IOException {
        byte[] bytes = FooterWriter.encode(footer(30_000, List.of(image(2))));
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> FooterReader.decode(flipped, "test"))
                    .as("bit %d", bit)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("test: ");
        }
    }

    @Test
    void aTornFooterIsFoundWhereverItEnds() throws IOException {
        byte[] bytes = FooterWriter.encode(footer(30_000, List.of(image(2))));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            byte[] zeroed = Arrays.copyOf(cut, bytes.length);
            assertThatThrownBy(() -> FooterReader.decode(cut, "test"))
                    .isInstanceOf(CorruptFooterException.class);
            if (!Arrays.equals(zeroed, bytes)) {
                assertThatThrownBy(() -> FooterReader.decode(zeroed, "test"))
                        .isInstanceOf(IOException.class);
            }
        }
    }

    /** What a checksum does not protect from: a footer made to hurt. */
    @Test
    void randomFieldsUnderARightChecksumNeverCrashTheReader() throws IOException {
        byte[] bytes = FooterWriter.encode(footer(30_000, List.of(image(2))));
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            byte[] made = bytes.clone();
            int at = 24 + random.nextInt(made.length - 32) / 4 * 4;
            int[] nasty = {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0, random.nextInt()};
            littleEndian(made, at, nasty[random.nextInt(nasty.length)]);
            sign(made);
            try {
                Footer footer = FooterReader.decode(made, "test");
                assertThat(footer.objects().count()).isEqualTo(3);
            } catch (CorruptFooterException expected) {
                assertThat(expected).hasMessageStartingWith("test: not a whole container footer");
            }
        }
    }

    @Test
    void anUnknownVersionIsRefusedByItsNumber() throws IOException {
        byte[] bytes = FooterWriter.encode(footer(30_000, List.of()));
        littleEndian(bytes, 16, 7);
        sign(bytes);
        assertThatThrownBy(() -> FooterReader.decode(bytes, "test"))
                .isInstanceOf(UnsupportedFooterException.class)
                .hasMessageContaining("version 7; this arcfs reads version 1");
    }

    @Test
    void aFooterThatDoesNotFitItsAreaIsATypedError() {
        List<ImageRecord> images = Collections.nCopies(2000, image(5));
        assertThatThrownBy(() -> FooterWriter.encode(footer(30_000, images)))
                .isInstanceOf(FooterTooLargeException.class)
                .hasMessageContaining("container 7.2: its footer needs");
    }

    @Test
    void aFullDefaultContainerHasRoomForItsFooterManyTimesOver() throws IOException {
        Geometry geometry = Geometry.DEFAULT;
        int[] crcs = new int[geometry.objectsPerContainer()];
        assertThat(crcs).hasSize(1931);
        ObjectTable objects = ObjectTable.of(geometry, geometry.dataBytes(), crcs);
        assertThat(objects.length(1930)).isEqualTo(40 << 10);
        byte[] bytes =
                FooterWriter.encode(
                        new Footer(
                                VOLUME,
                                geometry,
                                new ContainerId(3, 1),
                                geometry.dataBytes(),
                                objects,
                                new byte[32],
                                new byte[4000],
                                List.of(image(3000))));
        assertThat(bytes.length).isLessThan((int) ContainerFormat.footerRoom(geometry) / 50);
    }

    @Test
    void theTailLeadsToTheFooter() throws IOException {
        byte[] tail = FooterWriter.encodeTail(TINY);
        assertThat(tail).hasSize(ContainerFormat.TAIL_BYTES);
        assertThat(FooterReader.footerOffset(tail, "test")).isEqualTo(TINY.dataBytes());
        tail[21] ^= 1;
        assertThatThrownBy(() -> FooterReader.footerOffset(tail, "test"))
                .isInstanceOf(CorruptFooterException.class);
    }

    private static Footer footer(long usedBytes, List<ImageRecord> images) {
        int[] crcs = new int[ObjectTable.count(TINY, usedBytes)];
        Arrays.setAll(crcs, i -> 100 + i);
        return new Footer(
                VOLUME,
                TINY,
                new ContainerId(7, 2),
                usedBytes,
                ObjectTable.of(TINY, usedBytes, crcs),
                new byte[32],
                new byte[] {'{', '}'},
                images);
    }

    private static ImageRecord image(int entries) {
        return new ImageRecord(
                0,
                4,
                1,
                VOLUME,
                123_456,
                Collections.nCopies(entries, new DeviceExtent(1 << 20, 4096)),
                new byte[32],
                Collections.nCopies(entries, new ContainerId(4, 1)),
                99,
                17);
    }

    private static byte[] littleEndian(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    private static void littleEndian(byte[] bytes, int at, int value) {
        System.arraycopy(littleEndian(value), 0, bytes, at, 4);
    }

    private static void sign(byte[] bytes) {
        int covered = bytes.length - 4;
        littleEndian(
                bytes, covered, Checksums.crc32c(MemorySegment.ofArray(bytes).asSlice(0, covered)));
    }
}
