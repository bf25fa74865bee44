package io.arcfs.cli;

import java.util.Locale;

/** Numbers as people read them. Stateless. */
public final class Humane {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Humane() {}

    /** "0 B", "999 B", "1.5 MiB", "475 MiB". */
    public static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        boolean whole = unit == 0 || value >= 100 || value == Math.rint(value);
        return String.format(Locale.ROOT, whole ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
    }

    /** "1,930". */
    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** "45 %", or nothing if the total is not known. */
    public static String percent(long done, long total) {
        return total <= 0 ? "" : Math.clamp(done * 100 / total, 0, 100) + " %";
    }

    /** "under a second", "42 seconds", "3 minutes", "2.5 hours". */
    public static String duration(double seconds) {
        if (seconds < 1) {
            return "under a second";
        }
        if (seconds < 120) {
            return String.format(Locale.ROOT, "%.0f seconds", seconds);
        }
        if (seconds < 7200) {
            return String.format(Locale.ROOT, "%.0f minutes", seconds / 60);
        }
        return String.format(Locale.ROOT, "%.1f hours", seconds / 3600);
    }

    /** "3 files", "1 file". */
    public static String counted(long count, String noun) {
        return count(count) + " " + noun + (count == 1 ? "" : "s");
    }
}
