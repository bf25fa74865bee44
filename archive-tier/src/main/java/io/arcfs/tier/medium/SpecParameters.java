package io.arcfs.tier.medium;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands behind the question mark of a medium's spec. Immutable. */
public record SpecParameters(Map<String, String> values) {
    static final SpecParameters NONE = new SpecParameters(Map.of());

    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,15})([KMGT]?)");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

    public SpecParameters {
        values = Map.copyOf(values);
    }

    static SpecParameters parse(String text, Set<String> keys) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (equals < 0 || !keys.contains(key)) {
                throw new IllegalArgumentException(
                        "has \"" + pair + "\" behind the ?; known are " + new TreeSet<>(keys));
            }
            if (values.put(key, pair.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("has " + key + " twice");
            }
        }
        return new SpecParameters(values);
    }

    /** Bytes, as 4096, 64K, 100M, 2G or 1T. */
    long size(String key, long fallback) {
        String text = values.get(key);
        if (text == null) {
            return fallback;
        }
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw refused(key, text, "a size such as 100M or 24T");
        }
        // -1 for a digit: no unit.
        int bits = ("KMGT".indexOf(text.charAt(text.length() - 1)) + 1) * 10;
        long number = Long.parseLong(matcher.group(1));
        if (number > Long.MAX_VALUE >> bits >> 2) {
            throw refused(key, text, "a size that a medium can have");
        }
        return number << bits;
    }

    Duration duration(String key, Duration fallback) {
        String text = values.get(key);
        if (text == null) {
            return fallback;
        }
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw refused(key, text, "a duration such as 30s or 250ms");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    double number(String key, double fallback, double least, double most) {
        String text = values.get(key);
        if (text == null) {
            return fallback;
        }
        if (!NUMBER.matcher(text).matches()) {
            throw refused(key, text, "a number such as 60 or 0.001");
        }
        double number = new BigDecimal(text).doubleValue();
        if (number < least || number > most) {
            throw refused(key, text, String.format(Locale.ROOT, "between %s and %s", least, most));
        }
        return number;
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    private static IllegalArgumentException refused(String key, String text, String wanted) {
        return new IllegalArgumentException("has " + key + "=" + text + ": must be " + wanted);
    }
}
