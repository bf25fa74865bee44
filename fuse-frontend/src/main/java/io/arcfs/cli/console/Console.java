package io.arcfs.cli.console;

import io.arcfs.posix.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * One of the command's outputs: a terminal of some size, or something else. Immutable.
 *
 * @param columns a line may take; 0: any number
 * @param rows of the screen; 0: nobody knows
 * @param colour whether text may be coloured
 */
public record Console(boolean terminal, int columns, int rows, boolean colour) {
    /** A file, a pipe, or nothing. */
    public static final Console NONE = new Console(false, 0, 0, false);

    /** The output with this descriptor, as it is now: terminals change their size. */
    public static Console of(int descriptor) {
        return isTerminalFile(descriptor) ? of(Terminal.size(descriptor), System.getenv()) : NONE;
    }

    /** Spares those who write to files and pipes the first native call. */
    private static boolean isTerminalFile(int descriptor) {
        try {
            String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.startsWith("/dev/pts/")
                    || target.startsWith("/dev/tty")
                    || target.equals("/dev/console");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    static Console of(Optional<Terminal.Size> size, Map<String, String> environment) {
        if (size.isEmpty()) {
            return NONE;
        }
        // https://no-color.org: set to anything but nothing, colour is off.
        boolean colour =
                environment.getOrDefault("NO_COLOR", "").isEmpty()
                        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new Console(true, size.get().columns(), size.get().rows(), colour);
    }

    public Paint paint() {
        return colour ? Paint.COLOURS : Paint.PLAIN;
    }

    /** A line no longer than the screen is wide; control sequences take no room. */
    public String fit(String line) {
        if (columns <= 0) {
            return line;
        }
        StringBuilder out = new StringBuilder();
        int width = 0;
        boolean cut = false;
        for (int i = 0; i < line.length(); ) {
            if (line.charAt(i) == Paint.ESCAPE) {
                int end = line.indexOf('m', i);
                int next = end < 0 ? line.length() : end + 1;
                out.append(line, i, next);
                i = next;
                continue;
            }
            int character = line.codePointAt(i);
            if (width < columns) {
                out.appendCodePoint(character);
                width++;
            } else {
                cut = true;
            }
            i += Character.charCount(character);
        }
        if (cut) {
            int last = out.length();
            // Whatever was coloured is closed by the sequences copied above.
            int at = lastPrinted(out, last);
            out.replace(at, at + 1, "~");
        }
        return out.toString();
    }

    /** Where the last character stands that is not part of a control sequence. */
    private static int lastPrinted(StringBuilder text, int end) {
        int at = end - 1;
        while (at > 0 && text.charAt(at) == 'm') {
            int escape = text.lastIndexOf(String.valueOf(Paint.ESCAPE), at);
            if (escape < 0 || text.substring(escape, at).indexOf('m') >= 0) {
                break;
            }
            at = escape - 1;
        }
        return Math.max(0, at);
    }
}
