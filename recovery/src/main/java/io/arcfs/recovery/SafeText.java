package io.arcfs.recovery;

import java.nio.file.Path;

/**
 * Text from outside made fit for one line of a message: control characters, lone surrogates and
 * characters that steer a terminal are written as escapes. Stateless.
 */
public final class SafeText {
    private SafeText() {}

    public static String of(Path path) {
        return of(path.toString());
    }

    public static String of(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> append(safe, c));
        return safe.toString();
    }

    /** As {@link #of(String)}, cut to a length that fits a message. */
    public static String shortened(String text, int maxLength) {
        if (text.length() <= maxLength) {
            return of(text);
        }
        return of(text.substring(0, maxLength)) + "...";
    }

    private static void append(StringBuilder safe, int c) {
        switch (c) {
            case '\n' -> safe.append("\\n");
            case '\r' -> safe.append("\\r");
            case '\t' -> safe.append("\\t");
            default -> {
                if (c >= 0xDC80 && c <= 0xDCFF) {
                    // A byte that is no UTF-8, as the command line keeps it.
                    safe.append(String.format("\\x%02x", c - 0xDC00));
                } else if (c < 0x20 || c == 0x7F) {
                    safe.append(String.format("\\x%02x", c));
                } else if (steersTerminal(c)) {
                    safe.append(String.format("\\u%04x", c));
                } else {
                    safe.appendCodePoint(c);
                }
            }
        }
    }

    private static boolean steersTerminal(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            default -> false;
        };
    }
}
