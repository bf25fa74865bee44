package io.arcfs.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the kernel says is mounted, from {@code /proc/self/mountinfo}. Thread-safe. */
public final class Mounts {
    private Mounts() {}

    /** The mountpoints at or below a directory, innermost and newest first. */
    public static List<Path> below(Path directory) {
        List<Path> found = new ArrayList<>();
        for (String line : mountInfo()) {
            Path mountPoint = Path.of(unescaped(line.split(" ", -1)[4]));
            if (mountPoint.startsWith(directory)) {
                found.addFirst(mountPoint);
            }
        }
        return found;
    }

    public static boolean isMounted(Path directory) {
        return below(directory).contains(directory);
    }

    /** The type of what is mounted on exactly this directory, or an empty string. */
    public static String typeOf(Path directory) {
        String type = "";
        for (String line : mountInfo()) {
            if (Path.of(unescaped(line.split(" ", -1)[4])).equals(directory)) {
                type = line.substring(line.indexOf(" - ") + 3).split(" ", -1)[0];
            }
        }
        return type;
    }

    private static List<String> mountInfo() {
        try {
            return Files.readAllLines(Path.of("/proc/self/mountinfo"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String unescaped(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
