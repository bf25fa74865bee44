package io.arcfs.it.tier;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Files shaped as people's are: films, photos, documents, made by hand. */
final class SampleFiles {
    private static final int KIB = 1024;
    private final Random random;
    private final List<Probe> probes = new ArrayList<>();

    /**
     * A read that a program makes which only looks at a file.
     *
     * @param file name below the folder
     */
    record Probe(String file, long offset, int length) {}

    SampleFiles(long seed) {
        this.random = new Random(seed);
    }

    /** What programs read of the files made so far. */
    List<Probe> probes() {
        return probes;
    }

    /** Makes so many files of each of five kinds below a folder. */
    void make(Path folder, int ofEach) throws IOException {
        for (int i = 0; i < ofEach; i++) {
            Path sub = Files.createDirectories(folder.resolve("shelf " + i / 50));
            write(folder, sub.resolve("film " + i + ".mp4"), filmWithIndexInFront());
            write(folder, sub.resolve("film " + i + " raw.mp4"), filmWithIndexAtTheEnd());
            write(folder, sub.resolve("film " + i + ".mkv"), matroska());
            write(folder, sub.resolve("photo " + i + ".jpg"), photo());
            write(folder, sub.resolve("letter " + i + ".odt"), bytes(20 * KIB, 90 * KIB));
        }
    }

    private void write(Path folder, Path file, byte[] content) throws IOException {
        Files.write(file, content);
        String name = folder.relativize(file).toString();
        probe(name, 0, 128 * KIB, content.length);
        probe(name, Math.max(0, content.length - 64 * KIB), 64 * KIB, content.length);
        if (name.endsWith(".mp4")) {
            int moov = indexOf(content, "moov");
            int length = ByteBuffer.wrap(content).getInt(moov - 4);
            probe(name, moov - 4L, length, content.length);
        }
    }

    private void probe(String name, long offset, int length, long size) {
        probes.add(new Probe(name, offset, (int) Math.min(length, size - offset)));
    }

    private static int indexOf(byte[] content, String word) {
        byte[] wanted = word.getBytes(StandardCharsets.US_ASCII);
        int at = 0;
        while (!matches(content, at, wanted)) {
            // From box to box.
            at +=
                    at == 0
                            ? 4 + ByteBuffer.wrap(content).getInt(0)
                            : ByteBuffer.wrap(content).getInt(at - 4);
        }
        return at;
    }

    private static boolean matches(byte[] content, int at, byte[] wanted) {
        return Arrays.equals(content, at, at + wanted.length, wanted, 0, wanted.length);
    }

    private byte[] bytes(int least, int most) {
        byte[] bytes = new byte[least + random.nextInt(most - least)];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] photo() {
        byte[] photo = bytes(300 * KIB, 600 * KIB);
        photo[0] = (byte) 0xFF;
        photo[1] = (byte) 0xD8;
        return photo;
    }

    private static byte[] box(String type, byte[] content) {
        return ByteBuffer.allocate(8 + content.length)
                .putInt(8 + content.length)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .put(content)
                .array();
    }

    private byte[] filmWithIndexInFront() {
        return join(
                box("ftyp", new byte[16]),
                box("moov", bytes(40 * KIB, 350 * KIB)),
                box("mdat", bytes(900 * KIB, 1200 * KIB)));
    }

    private byte[] filmWithIndexAtTheEnd() {
        return join(
                box("ftyp", new byte[16]),
                box("mdat", bytes(900 * KIB, 1200 * KIB)),
                box("moov", bytes(40 * KIB, 350 * KIB)));
    }

    private static byte[] element(long id, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int shift = 24; shift >= 0; shift -= 8) {
            if (id >>> shift != 0) {
                out.write((int) (id >>> shift));
            }
        }
        out.writeBytes(
                ByteBuffer.allocate(8).putLong(0x0100_0000_0000_0000L | content.length).array());
        out.writeBytes(content);
        return out.toByteArray();
    }

    private byte[] matroska() {
        byte[] cluster = element(0x1F43B675L, bytes(800 * KIB, 1200 * KIB));
        byte[] cues = element(0x1C53BB6BL, bytes(KIB, 18 * KIB));
        byte[] seekHead = seekHead(0);
        seekHead = seekHead((long) seekHead.length + cluster.length);
        return join(
                element(0x1A45DFA3L, new byte[31]),
                element(0x18538067L, join(seekHead, cluster, cues)));
    }

    /** Names the cues. */
    private static byte[] seekHead(long position) {
        return element(
                0x114D9B74L,
                element(
                        0x4DBB,
                        join(
                                element(0x53AB, number(0x1C53BB6BL)),
                                element(0x53AC, number(position)))));
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
