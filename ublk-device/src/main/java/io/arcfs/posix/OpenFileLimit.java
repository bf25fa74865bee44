package io.arcfs.posix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How many descriptors this process may have (RLIMIT_NOFILE), and how they are shared out: files
 * that programs keep open may not take those that rounds, catalogs, media and sockets need.
 * Immutable.
 *
 * @param descriptors all of them
 */
public record OpenFileLimit(int descriptors) {
    /** With fewer, nothing would be left for programs. */
    public static final int FEWEST = 256;

    private static final int RESERVE = 512;
    private static final int SMALLEST_RESERVE = 192;

    /** What a shell gives where nobody says anything. */
    private static final int USUAL = 1024;

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String LINE = "Max open files";

    /** The limit of this process; Java has moved it up as far as it may. */
    public static OpenFileLimit ofProcess() {
        try {
            return of(Files.readString(LIMITS));
        } catch (IOException e) {
            return new OpenFileLimit(USUAL);
        }
    }

    /** Takes the limit from what {@code /proc/self/limits} says. */
    static OpenFileLimit of(String limits) {
        for (String line : limits.split("\n", -1)) {
            if (line.startsWith(LINE)) {
                String soft = line.substring(LINE.length()).strip().split("\\s+", -1)[0];
                try {
                    long descriptors = Long.parseLong(soft);
                    return new OpenFileLimit((int) Math.min(Integer.MAX_VALUE, descriptors));
                } catch (NumberFormatException e) {
                    return new OpenFileLimit(Integer.MAX_VALUE); // "unlimited"
                }
            }
        }
        return new OpenFileLimit(USUAL);
    }

    /** Descriptors that are kept for the work of arcfs itself. */
    public int reserve() {
        return Math.clamp(descriptors / 2, SMALLEST_RESERVE, RESERVE);
    }

    /** Descriptors for files that programs keep open. */
    public int forPrograms() {
        return Math.max(0, descriptors - reserve());
    }

    /** So much of the reserve as {@code wanted} is of a whole one. */
    public int share(int wanted) {
        return wanted * reserve() / RESERVE;
    }

    /** Refuses to work with too few. */
    public void requireEnough() throws IOException {
        if (descriptors < FEWEST) {
            throw new IOException(
                    "this process may have "
                            + descriptors
                            + " open files and needs "
                            + FEWEST
                            + "; raise the limit with ulimit -n");
        }
    }
}
