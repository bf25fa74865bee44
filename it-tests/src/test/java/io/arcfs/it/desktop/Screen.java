package io.arcfs.it.desktop;

import io.arcfs.it.kit.Command;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A screen of its own (Xvfb), looked at through the file that it keeps its pixels in (XWD, X11's
 * window dump). Thread-safe.
 */
final class Screen implements AutoCloseable {
    static final int WIDTH = 1024;
    static final int HEIGHT = 768;

    // XWDFileHeader, big-endian words.
    private static final int HEADER_SIZE = 0;
    private static final int BITS_PER_PIXEL = 11 * 4;
    private static final int BYTES_PER_LINE = 12 * 4;
    private static final int COLORS = 19 * 4;
    private static final int COLOR_BYTES = 12;

    private final Process server;
    private final String display;
    private final Path pixels;

    private Screen(Process server, String display, Path pixels) {
        this.server = server;
        this.display = display;
        this.pixels = pixels;
    }

    /** Starts a server on the first display that is free. */
    static Screen open(Path directory) throws IOException, InterruptedException {
        Path number = directory.resolve("display");
        // A shell for the one redirection that ProcessBuilder has not: -displayfd wants a
        // descriptor.
        Process server =
                Command.of(
                                "sh",
                                "-c",
                                "exec Xvfb -displayfd 3 -screen 0 \"$1\" -fbdir \"$2\" -nolisten"
                                        + " tcp -noreset 3>\"$3\"",
                                "sh",
                                WIDTH + "x" + HEIGHT + "x24",
                                directory,
                                number)
                        .start(directory.resolve("xvfb.out"), directory.resolve("xvfb.err"));
        for (int i = 0; i < 300 && server.isAlive(); i++) {
            if (Files.exists(number) && Files.readString(number).endsWith("\n")) {
                String display = ":" + Files.readString(number).strip();
                return new Screen(server, display, directory.resolve("Xvfb_screen0"));
            }
            Thread.sleep(100);
        }
        server.destroyForcibly();
        throw new AssertionError("no screen: " + Files.readString(directory.resolve("xvfb.err")));
    }

    String display() {
        return display;
    }

    /** Brightness (0 to 255) of a point now. */
    int brightness(int x, int y) throws IOException {
        try (FileChannel file = FileChannel.open(pixels, StandardOpenOption.READ)) {
            ByteBuffer header = ByteBuffer.allocate(100).order(ByteOrder.BIG_ENDIAN);
            file.read(header, 0);
            long start = header.getInt(HEADER_SIZE) + (long) header.getInt(COLORS) * COLOR_BYTES;
            int bytesPerPixel = header.getInt(BITS_PER_PIXEL) / 8;
            ByteBuffer pixel = ByteBuffer.allocate(bytesPerPixel);
            file.read(
                    pixel,
                    start + (long) y * header.getInt(BYTES_PER_LINE) + (long) x * bytesPerPixel);
            int sum = 0;
            for (int i = 0; i < 3; i++) {
                sum += Byte.toUnsignedInt(pixel.get(i));
            }
            return sum / 3;
        }
    }

    /** The screen as it is now, as XWD: what a test keeps for people to look at. */
    void keep(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.copy(pixels, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /** Programs on this screen find it so. */
    List<String> environment() {
        return List.of("DISPLAY=" + display);
    }

    @Override
    public void close() {
        server.destroy();
        try {
            if (!server.waitFor(10, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
