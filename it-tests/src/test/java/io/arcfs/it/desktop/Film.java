package io.arcfs.it.desktop;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A film of which every frame shows its own number, in black and white blocks along the top; or
 * sound of the same length.
 */
enum Film {
    MP4_INDEX_IN_FRONT("mp4", "-c:v libx264 -preset ultrafast -crf 18 -g 25 -movflags +faststart"),
    MP4_INDEX_AT_THE_END("mp4", "-c:v libx264 -preset ultrafast -crf 18 -g 25"),
    MKV("mkv", "-c:v libx264 -preset ultrafast -crf 18 -g 25"),
    WEBM("webm", "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 6M -g 25"),
    MP3("mp3", "-c:a libmp3lame -b:a 320k"),
    FLAC("flac", "-c:a flac");

    static final int WIDTH = 320;
    static final int HEIGHT = 180;
    static final int FRAMES_PER_SECOND = 25;
    static final int SECONDS = 8;
    static final int FRAMES = FRAMES_PER_SECOND * SECONDS;

    private static final int BITS = 10;
    private static final int BLOCK = WIDTH / BITS;
    private static final int BLOCK_HEIGHT = 40;

    private final String extension;
    private final String encoding;

    Film(String extension, String encoding) {
        this.extension = extension;
        this.encoding = encoding;
    }

    boolean hasPicture() {
        return this != MP3 && this != FLAC;
    }

    String fileName() {
        return name().toLowerCase(Locale.ROOT) + "." + extension;
    }

    /** Makes the film. */
    Path make(Path directory) throws IOException, InterruptedException {
        Path file = directory.resolve(fileName());
        List<String> command = new ArrayList<>(List.of("ffmpeg", "-y", "-v", "error"));
        if (hasPicture()) {
            command.addAll(
                    words(
                            "-f rawvideo -pix_fmt gray -s %dx%d -r %d -i - -pix_fmt yuv420p"
                                    .formatted(WIDTH, HEIGHT, FRAMES_PER_SECOND)));
        } else {
            command.addAll(words("-f s16le -ar 44100 -ac 2 -i -"));
        }
        command.addAll(words(encoding));
        command.add(file.toString());
        Path err = directory.resolve(fileName() + ".err");
        Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
        try (OutputStream raw = new BufferedOutputStream(process.getOutputStream(), 1 << 20)) {
            write(raw);
        }
        if (process.waitFor() != 0) {
            throw new AssertionError(Files.readString(err));
        }
        Files.delete(err);
        return file;
    }

    private static List<String> words(String text) {
        return Arrays.asList(text.split(" "));
    }

    private void write(OutputStream raw) throws IOException {
        Random random = new Random(7);
        if (hasPicture()) {
            for (int number = 0; number < FRAMES; number++) {
                raw.write(frame(number, random));
            }
        } else {
            byte[] second = new byte[44_100 * 4];
            for (int i = 0; i < SECONDS; i++) {
                random.nextBytes(second);
                raw.write(second);
            }
        }
    }

    private static byte[] frame(int number, Random random) {
        byte[] frame = new byte[WIDTH * HEIGHT];
        random.nextBytes(frame); // nothing to compress: the file gets large
        for (int i = BLOCK_HEIGHT * WIDTH; i < frame.length; i++) {
            frame[i] = (byte) (96 + (frame[i] & 63));
        }
        for (int y = 0; y < BLOCK_HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                boolean white = (number >> (x / BLOCK) & 1) != 0;
                frame[y * WIDTH + x] = (byte) (white ? 235 : 16);
            }
        }
        return frame;
    }

    /** The number of the frame that a screen shows in a window at this place. */
    static int numberShown(Screen screen, int left, int top) throws IOException {
        int number = 0;
        for (int bit = 0; bit < BITS; bit++) {
            int x = left + bit * BLOCK + BLOCK / 2;
            if (screen.brightness(x, top + BLOCK_HEIGHT / 2) > 127) {
                number |= 1 << bit;
            }
        }
        return number;
    }
}
