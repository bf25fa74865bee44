package io.arcfs.recovery;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes as people write them: a count of bytes, or one with a binary suffix K, M, G or T.
 * Stateless.
 */
public final class SizeText {
    public static final String FORM = "a size such as 4096, 64K, 100M or 2G";

    private static final Pattern GRAMMAR = Pattern.compile("([0-9]{1,19})([KMGT]?)");
    private static final String SUFFIXES = "KMGT";

    private SizeText() {}

    /**
     * @throws IllegalArgumentException if the text is no size, or more than 2^63 - 1 bytes
     */
    public static long parse(String text) {
        Matcher matcher = GRAMMAR.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("must be " + FORM);
        }
        int shift = matcher.group(2).isEmpty() ? 0 : 10 * (SUFFIXES.indexOf(matcher.group(2)) + 1);
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("is too large; must be " + FORM, e);
        }
    }

    /** The shortest text that {@link #parse} reads back as the same size. */
    public static String format(long bytes) {
        for (int i = SUFFIXES.length(); i >= 1; i--) {
            long unit = 1L << (10 * i);
            if (bytes >= unit && bytes % unit == 0) {
                return bytes / unit + SUFFIXES.substring(i - 1, i);
            }
        }
        return Long.toString(bytes);
    }
}
