package io.arcfs.erofs.kernel;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;

/**
 * Something of the machine that a test needs. Where it is missing the test is skipped with the
 * reason, or fails if ARCFS_REQUIRE (a list with commas) names it.
 */
public enum Capability {
    LOOP,
    EROFS,
    OVERLAYFS,
    MKFS;

    public static void require(Capability... needed) {
        for (Capability capability : needed) {
            String reason = capability.missing();
            if (!reason.isEmpty()) {
                String name = capability.name().toLowerCase(Locale.ROOT);
                if (required().contains(name)) {
                    fail("required capability " + name + " is missing: " + reason);
                }
                Assumptions.abort(name + ": " + reason);
            }
        }
    }

    private static List<String> required() {
        String environment = System.getenv("ARCFS_REQUIRE");
        return List.of(
                System.getProperty("arcfs.require", environment == null ? "" : environment)
                        .strip()
                        .split("\\s*,\\s*"));
    }

    private String missing() {
        try {
            if (this != MKFS && !isRoot()) {
                return "needs root";
            }
            return switch (this) {
                case LOOP ->
                        Files.exists(Path.of("/dev/loop-control")) ? "" : "no /dev/loop-control";
                case EROFS -> fileSystem("erofs");
                case OVERLAYFS -> fileSystem("overlay");
                case MKFS -> onPath("mkfs.erofs") ? "" : "mkfs.erofs is not installed";
            };
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static boolean isRoot() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    }

    private static String fileSystem(String name) throws IOException {
        if (isKnown(name)) {
            return "";
        }
        try {
            new ProcessBuilder("modprobe", "-q", name).start().waitFor();
        } catch (IOException | InterruptedException e) {
            return "no " + name + " in /proc/filesystems, and no modprobe";
        }
        return isKnown(name) ? "" : "no " + name + " in /proc/filesystems";
    }

    private static boolean isKnown(String name) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/filesystems"));
        return lines.stream().anyMatch(line -> line.strip().matches("(nodev\\s+)?" + name));
    }

    private static boolean onPath(String command) {
        for (String directory : "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin".split(":")) {
            if (Files.isExecutable(Path.of(directory, command))) {
                return true;
            }
        }
        return false;
    }
}
