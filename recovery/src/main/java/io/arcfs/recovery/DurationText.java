package io.arcfs.recovery;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: a whole number and one of ms, s, m, h, d. Stateless. */
public final class DurationText {
    public static final String FORM = "a duration such as 500ms, 30s, 10m, 2h or 7d";

    /** Longer ones are taken for mistakes. */
    public static final Duration LONGEST = Duration.ofDays(3660);

    private static final Pattern GRAMMAR = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)");

    private DurationText() {}

    /**
     * @throws IllegalArgumentException if the text is no duration or longer than {@link #LONGEST}
     */
    public static Duration parse(String text) {
        Matcher matcher = GRAMMAR.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("must be " + FORM);
        }
        long count = Long.parseLong(matcher.group(1));
        Duration unit =
                switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(1);
                    case "s" -> Duration.ofSeconds(1);
                    case "m" -> Duration.ofMinutes(1);
                    case "h" -> Duration.ofHours(1);
                    default -> Duration.ofDays(1);
                };
        Duration duration = unit.multipliedBy(count);
        if (duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("is longer than " + format(LONGEST));
        }
        return duration;
    }

    /** The shortest text that {@link #parse} reads back as the same duration. */
    public static String format(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds > 0 && seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds > 0 && seconds % 3600 == 0) {
            return seconds / 3600 + "h";
        }
        if (seconds > 0 && seconds % 60 == 0) {
            return seconds / 60 + "m";
        }
        return seconds + "s";
    }
}
