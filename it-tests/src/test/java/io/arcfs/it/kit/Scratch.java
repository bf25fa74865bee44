package io.arcfs.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where this run of the tests makes everything: {@code ARCFS_TEST_DIR} (or {@code /var/tmp}), or
 * memory, plus the run's pid. What is left there (mounts, loop devices, processes) is ours, so it
 * can be found and ended exactly. Thread-safe.
 */
public final class Scratch {
    private static final long ROOM_IN_MEMORY = 2L << 30;
    private static final Path ROOT = makeRoot(testDirectory());
    private static @Nullable Path memoryRoot;

    private Scratch() {}

    public static Path root() {
        return ROOT;
    }

    /** A new empty directory. */
    public static Path directory(String purpose) {
        return below(ROOT, purpose);
    }

    /**
     * The same in memory, where there is room in it: for tests that ask what processes leave behind
     * and not what a medium keeps, so that nobody waits for the medium.
     */
    public static synchronized Path inMemory(String purpose) {
        Path root = memoryRoot;
        if (root == null) {
            Path memory = Path.of("/dev/shm");
            root = hasRoom(memory) ? makeRoot(memory) : ROOT;
            memoryRoot = root;
        }
        return below(root, purpose);
    }

    private static boolean hasRoom(Path memory) {
        try {
            FileStore store = Files.getFileStore(memory);
            return Files.isWritable(memory)
                    && store.type().equals("tmpfs")
                    && store.getUsableSpace() >= ROOM_IN_MEMORY;
        } catch (IOException e) {
            return false;
        }
    }

    private static Path below(Path root, String purpose) {
        try {
            return Files.createTempDirectory(root, purpose + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the path lies in a scratch directory of this run. */
    public static boolean owns(Path path) {
        return roots().stream().anyMatch(path::startsWith);
    }

    private static synchronized List<Path> roots() {
        Path memory = memoryRoot;
        return memory == null || memory.equals(ROOT) ? List.of(ROOT) : List.of(ROOT, memory);
    }

    /** What stands below the scratch directory though no test should have left it. */
    public static List<String> leftovers() {
        List<String> found = new ArrayList<>();
        for (Path root : roots()) {
            Mounts.below(root).forEach(mount -> found.add("mount " + mount));
            loopDevices(root).forEach(device -> found.add("loop device " + device));
            processes(root)
                    .forEach(
                            process -> found.add("process " + process.pid() + " " + line(process)));
        }
        return found;
    }

    /** Unmounts, detaches and ends what stands below the directory; never anything else. */
    public static void sweep(Path directory) {
        for (Path mount : Mounts.below(directory)) {
            if (Command.of("umount", "-l", mount).run().exit() != 0) {
                Command.of("fusermount3", "-u", "-z", mount).run(); // not root
            }
        }
        for (String device : loopDevices(directory)) {
            Command.of("losetup", "-d", device).run();
        }
    }

    public static void delete(Path directory) {
        if (!owns(directory)) {
            throw new IllegalArgumentException("not below " + roots() + ": " + directory);
        }
        if (!Mounts.below(directory).isEmpty()) {
            throw new AssertionError("still mounted: " + Mounts.below(directory));
        }
        Command.of("rm", "-rf", "--one-file-system", "--", directory).succeed();
    }

    private static List<String> loopDevices(Path directory) {
        List<String> devices = new ArrayList<>();
        try (var blocks = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
            for (Path block : blocks) {
                String device = "/dev/" + block.getFileName();
                if (backingFile(device).startsWith(directory.toString())) {
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

    private static List<ProcessHandle> processes(Path root) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> line(process).contains(root + "/"))
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

    private static Path testDirectory() {
        return Path.of(System.getenv().getOrDefault("ARCFS_TEST_DIR", "/var/tmp"));
    }

    private static Path makeRoot(Path base) {
        try {
            Path root =
                    Files.createDirectories(
                            base.resolve("arcfs-it-" + ProcessHandle.current().pid()));
            Path real = root.toRealPath();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> cleanUp(real)));
            return real;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The net below the tests' own teardown: an interrupted run leaves nothing either. */
    private static void cleanUp(Path root) {
        processes(root).forEach(ProcessHandle::destroyForcibly);
        sweep(root);
        if (Mounts.below(root).isEmpty()) {
            Command.of("rm", "-rf", "--one-file-system", "--", root).run();
        }
    }
}
