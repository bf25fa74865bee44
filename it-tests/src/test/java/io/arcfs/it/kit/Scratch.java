package io.arcfs.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The one directory below which this run of the tests makes everything: {@code ARCFS_TEST_DIR} (or
 * {@code /var/tmp}) plus the run's pid. What is left there (mounts, loop devices, processes) is
 * ours, so it can be found and ended exactly. Thread-safe.
 */
public final class Scratch {
    private static final Path ROOT = makeRoot();

    private Scratch() {}

    public static Path root() {
        return ROOT;
    }

    /** A new empty directory. */
    public static Path directory(String purpose) {
        try {
            return Files.createTempDirectory(ROOT, purpose + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What stands below the scratch directory though no test should have left it. */
    public static List<String> leftovers() {
        List<String> found = new ArrayList<>();
        Mounts.below(ROOT).forEach(mount -> found.add("mount " + mount));
        loopDevices().forEach(device -> found.add("loop device " + device));
        processes().forEach(process -> found.add("process " + process.pid() + " " + line(process)));
        return found;
    }

    /** Unmounts, detaches and ends what stands below the directory; never anything else. */
    public static void sweep(Path directory) {
        for (Path mount : Mounts.below(directory)) {
            if (Command.of("umount", "-l", mount).run().exit() != 0) {
                Command.of("fusermount3", "-u", "-z", mount).run(); // not root
            }
        }
        for (String device : loopDevices()) {
            if (backingFile(device).startsWith(directory.toString())) {
                Command.of("losetup", "-d", device).run();
            }
        }
    }

    public static void delete(Path directory) {
        if (!directory.startsWith(ROOT)) {
            throw new IllegalArgumentException("not below " + ROOT + ": " + directory);
        }
        if (!Mounts.below(directory).isEmpty()) {
            throw new AssertionError("still mounted: " + Mounts.below(directory));
        }
        Command.of("rm", "-rf", "--one-file-system", "--", directory).succeed();
    }

    private static List<String> loopDevices() {
        List<String> devices = new ArrayList<>();
        try (var blocks = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
            for (Path block : blocks) {
                String device = "/dev/" + block.getFileName();
                if (backingFile(device).startsWith(ROOT.toString())) {
                    devices.add(device);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return devices;
    }

    private static String backingFile(String device) {
        Path name = Path.of(device).getFileName();
        Path file = Path.of("/sys/block/" + name + "/loop/backing_file");
        try {
            return Files.exists(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            return ""; // detached between the two calls
        }
    }

    private static List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> line(process).contains(ROOT + "/"))
                .toList();
    }

    private static String line(ProcessHandle process) {
        try {
            byte[] raw = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline"));
            return new String(raw, StandardCharsets.ISO_8859_1).replace('\0', ' ');
        } catch (IOException e) {
            return ""; // ended meanwhile
        }
    }

    private static Path makeRoot() {
        String base = System.getenv().getOrDefault("ARCFS_TEST_DIR", "/var/tmp");
        try {
            Path root =
                    Files.createDirectories(
                            Path.of(base, "arcfs-it-" + ProcessHandle.current().pid()));
            Path real = root.toRealPath();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> cleanUp(real)));
            return real;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The net below the tests' own teardown: an interrupted run leaves nothing either. */
    private static void cleanUp(Path root) {
        processes().forEach(ProcessHandle::destroyForcibly);
        sweep(root);
        if (Mounts.below(root).isEmpty()) {
            Command.of("rm", "-rf", "--one-file-system", "--", root).run();
        }
    }
}
