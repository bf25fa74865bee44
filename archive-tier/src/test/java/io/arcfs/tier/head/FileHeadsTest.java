package io.arcfs.tier.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.HeadSettings;
import io.arcfs.tier.HeadSettings.NamePattern;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** What is kept of files of the formats that people browse. */
final class FileHeadsTest {
    private static final int KIB = 1024;
    private final FileHeads heads = new FileHeads(HeadSettings.DEFAULT);

    /** A file in memory; large ones are mostly zeros that are never stored. */
    private record InMemory(byte[] bytes) implements FileBytes {
        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public void read(long offset, byte[] target) {
            System.arraycopy(bytes, (int) offset, target, 0, target.length);
        }
    }

    private List<FileRange> of(byte[] file) throws IOException {
        List<FileRange> ranges = heads.of("", new InMemory(file));
        assertThat(ranges)
                .allMatch(r -> r.offset() >= 0 && r.length() > 0)
                .allMatch(r -> r.offset() + r.length() <= file.length);
        return ranges;
    }

    private static boolean covered(List<FileRange> ranges, long from, long to) {
        for (long at = from; at < to; at += 512) {
            long byteAt = at;
            if (ranges.stream()
                    .noneMatch(r -> r.offset() <= byteAt && byteAt < r.offset() + r.length())) {
                return false;
            }
        }
        return true;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] box(String type, int length) {
        ByteBuffer box = ByteBuffer.allocate(length);
        box.putInt(length).put(type.getBytes(StandardCharsets.US_ASCII)).put(random(length - 8));
        return box.array();
    }

    private static byte[] wideBox(String type, int length) {
        ByteBuffer box = ByteBuffer.allocate(length);
        box.putInt(1).put(type.getBytes(StandardCharsets.US_ASCII)).putLong(length);
        return box.array();
    }

    @Test
    void anyFileKeepsItsBeginningAndItsEnd() throws IOException {
        byte[] file = random(2_000_000);
        List<FileRange> ranges = of(file);
        // And what the kernel reads ahead behind it.
        assertThat(covered(ranges, 0, 512 * KIB)).isTrue();
        assertThat(covered(ranges, file.length - 64 * KIB, file.length)).isTrue();
        assertThat(ranges.stream().mapToLong(FileRange::length).sum()).isEqualTo(576 * KIB);
        assertThat(of(random(100))).isNotEmpty();
        assertThat(heads.of("", new InMemory(new byte[0]))).isEmpty();
    }

    @Test
    void namesMayHaveRulesOfTheirOwn() throws IOException {
        FileHeads own =
                new FileHeads(
                        new HeadSettings(
                                256 * KIB,
                                64 * KIB,
                                16 << 20,
                                10,
                                List.of(
                                        new NamePattern("*.iso", 1 << 20, 0),
                                        new NamePattern("*.i*", 0, 0))));
        byte[] file = random(4_000_000);
        assertThat(own.of("disk.iso", new InMemory(file)))
                .singleElement()
                .satisfies(r -> assertThat(r.length()).isEqualTo((1 << 20) + 256 * KIB));
        assertThat(own.of("x.img", new InMemory(file))).isEmpty();
        assertThat(own.of("x.bin", new InMemory(file))).hasSize(2);
        assertThat(own.of("\uDCFF\uDC80.iso", new InMemory(file))).isNotEmpty();
    }

    @Test
    void filmsKeepTheirIndexWhereverItIs() throws IOException {
        byte[] atTheEnd =
                join(box("ftyp", 24), box("mdat", 3_000_000), box("moov", 442_000), box("free", 9));
        assertThat(covered(of(atTheEnd), 3_000_024, atTheEnd.length)).isTrue();
        byte[] inFront = join(box("ftyp", 24), box("moov", 600_000), box("mdat", 3_000_000));
        assertThat(covered(of(inFront), 0, 600_024 + 128 * KIB)).isTrue();
        byte[] wide = join(box("ftyp", 24), wideBox("mdat", 3_000_000), box("moov", 300_000));
        assertThat(covered(of(wide), 3_000_024, wide.length)).isTrue();
        byte[] between =
                join(
                        box("ftyp", 24),
                        box("mdat", 2_000_000),
                        box("moov", 100_000),
                        box("mdat", 2_000_000));
        List<FileRange> ranges = of(between);
        assertThat(covered(ranges, 2_000_024, 2_100_024)).isTrue();
        assertThat(covered(ranges, 3_000_000, 3_001_000)).isFalse();
    }

    @Test
    void anIndexBeyondTheCapIsKeptInPart() throws IOException {
        byte[] film = join(box("ftyp", 24), box("mdat", 1_000_000), box("moov", 20 << 20));
        List<FileRange> ranges = of(film);
        assertThat(covered(ranges, 1_000_024, 1_000_024 + (16 << 20))).isTrue();
        assertThat(ranges.stream().mapToLong(FileRange::length).max().orElse(0))
                .isLessThan(17 << 20);
    }

    private static byte[] element(long id, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int shift = 24; shift >= 0; shift -= 8) {
            if (id >>> shift != 0) {
                out.write((int) (id >>> shift));
            }
        }
        ByteBuffer length = ByteBuffer.allocate(8).putLong(0x0100_0000_0000_0000L | content.length);
        out.writeBytes(length.array());
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    private static byte[] seek(long id, long position) {
        return element(
                0x4DBB,
                join(
                        element(0x53AB, ByteBuffer.allocate(4).putInt((int) id).array()),
                        element(0x53AC, number(position))));
    }

    @Test
    void matroskaKeepsMoreOfItsBeginningAndItsCues() throws IOException {
        byte[] ebml = element(0x1A45DFA3L, random(31));
        byte[] cluster = element(0x1F43B675L, random(3_000_000));
        byte[] cues = element(0x1C53BB6BL, random(90_000));
        int seekHeadBytes = element(0x114D9B74L, join(seek(0x1C53BB6BL, 0), seek(1, 0))).length;
        byte[] seekHead =
                element(
                        0x114D9B74L,
                        join(
                                seek(0x1C53BB6BL, (long) seekHeadBytes + cluster.length),
                                seek(0x1F43B675L, 1L << 40)));
        byte[] more = element(0x1F43B675L, random(1_000_000));
        byte[] segment = element(0x18538067L, join(seekHead, cluster, cues, more));
        byte[] film = join(ebml, segment);
        int origin = film.length - seekHead.length - cluster.length - cues.length - more.length;
        long cuesAt = origin + seekHead.length + (long) cluster.length;
        List<FileRange> ranges = of(film);
        assertThat(covered(ranges, 0, 576 * KIB)).isTrue();
        assertThat(covered(ranges, cuesAt, cuesAt + cues.length)).isTrue();
        assertThat(covered(ranges, 2_000_000, 2_100_000)).isFalse();
    }

    @Test
    void zipFilesKeepTheirDirectory() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int directory;
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < 3000; i++) {
                byte[] content = random(1000);
                ZipEntry entry = new ZipEntry("a/rather/long/name/of/an/entry/" + i);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(content.length);
                CRC32 crc = new CRC32();
                crc.update(content);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(content);
                zip.closeEntry();
            }
            zip.flush();
            directory = bytes.size();
            zip.setComment("a comment at the very end");
        }
        byte[] file = bytes.toByteArray();
        assertThat(file.length - directory).isGreaterThan(128 * KIB);
        List<FileRange> ranges = of(file);
        assertThat(covered(ranges, directory, file.length)).isTrue();
        assertThat(covered(ranges, directory - 64 * KIB, directory - 32 * KIB)).isFalse();
    }

    @Test
    void pdfFilesKeepTheirTables() throws IOException {
        byte[] body = random(1_500_000);
        byte[] start = "%PDF-1.4\n".getBytes(StandardCharsets.US_ASCII);
        int first = start.length + body.length;
        StringBuilder table = new StringBuilder("xref\n0 20000\n");
        table.append("0000000000 65535 f \n".repeat(20_000));
        table.append("trailer\n<< /Size 20000 >>\nstartxref\n").append(first).append("\n%%EOF\n");
        byte[] old = table.toString().getBytes(StandardCharsets.US_ASCII);
        byte[] more = random(1_200_000);
        int second = first + old.length + more.length;
        byte[] update =
                ("xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Prev "
                                + first
                                + " >>\nstartxref\n"
                                + second
                                + "\n%%EOF\n")
                        .getBytes(StandardCharsets.US_ASCII);
        List<FileRange> ranges = of(join(start, body, old, more, update));
        assertThat(covered(ranges, first, first + old.length)).isTrue();
        assertThat(covered(ranges, second, second + update.length)).isTrue();
        assertThat(covered(ranges, 900_000, 1_000_000)).isFalse();
    }

    /** Whatever the bytes say, it ends, and every range lies in the file. */
    @Test
    void whatOnlyLooksLikeAFormatDoesNoHarm() throws IOException {
        long seed = 20260131;
        Random random = new Random(seed);
        byte[][] magics = {
            {0, 0, 0, 24, 'f', 't', 'y', 'p'},
            {0x1A, 0x45, (byte) 0xDF, (byte) 0xA3, (byte) 0x84},
            {'P', 'K', 3, 4},
            "%PDF-1.7\n".getBytes(StandardCharsets.US_ASCII)
        };
        byte[][] ends = {
            {},
            {'P', 'K', 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, 0, 0},
            "startxref\n99999999999999999\n%%EOF".getBytes(StandardCharsets.US_ASCII),
            "xref /Prev 9 startxref\n9\n".getBytes(StandardCharsets.US_ASCII)
        };
        for (int i = 0; i < 2000; i++) {
            byte[] body = new byte[random.nextInt(3000)];
            if (random.nextBoolean()) {
                random.nextBytes(body);
            }
            byte[] file =
                    join(
                            magics[random.nextInt(magics.length)],
                            body,
                            ends[random.nextInt(ends.length)]);
            if (random.nextBoolean() && file.length > 8) {
                file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
            }
            of(file);
        }
    }
}
