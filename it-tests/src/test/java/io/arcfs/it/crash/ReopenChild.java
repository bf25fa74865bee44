package io.arcfs.it.crash;

import io.arcfs.it.kit.ManyFiles;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.MergeScope;
import io.arcfs.recovery.Volume;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Fills a volume with many files and containers, or puts 5,000 small files in flight, and waits to
 * be killed; or opens the volume, says how long that took, and removes them. Arguments: fill, write
 * or open; volume; files and containers to fill it with.
 */
final class ReopenChild {
    private static final int ROUNDS = 10;
    private static final int IN_FLIGHT = 5000;

    private ReopenChild() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "open" -> open(directory);
            case "fill" ->
                    fill(directory, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
            case "write" -> write(directory);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void open(Path directory) throws Exception {
        long began = System.nanoTime();
        try (Volume volume = Volume.open(directory)) {
            System.out.printf(
                    "opened in %d ms, %d ms after the process began, %d containers, %d inodes left,"
                            + " %d actions%n",
                    (System.nanoTime() - began) / 1_000_000,
                    System.currentTimeMillis()
                            - ProcessHandle.current()
                                    .info()
                                    .startInstant()
                                    .orElseThrow()
                                    .toEpochMilli(),
                    volume.tier().control().containers().size(),
                    volume.overlay().fileSystem().space().freeFiles(),
                    volume.recoveryActions().size());
            // So that the next ones in flight are as many.
            remove(volume.overlay().fileSystem(), "last");
        }
    }

    private static void fill(Path directory, int files, int containers) throws Exception {
        try (Volume volume = Volume.open(directory)) {
            fill(volume, files, containers);
        }
        System.out.println("filled");
    }

    private static void fill(Volume volume, int files, int containers) throws Exception {
        FileSystem fs = volume.overlay().fileSystem();
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < files / ROUNDS / 1000; i++) {
                folder(fs, "d" + round + "-" + i, 1000, 0);
            }
            folder(fs, "big" + round, containers / ROUNDS, 1_250_000);
            volume.overlay().archive();
        }
        volume.overlay().merge(MergeScope.ALL);
        volume.overlay().flush();
        volume.overlay().evictAll();
    }

    /** What is in flight: a sealed layer could not be better, so a busy active one. */
    private static void write(Path directory) throws Exception {
        Volume volume = Volume.open(directory);
        folder(volume.overlay().fileSystem(), "last", IN_FLIGHT, 3000);
        System.out.println("written");
        Thread.sleep(Duration.ofHours(1));
    }

    private static void remove(FileSystem fs, String name) throws Exception {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        long folder = Objects.requireNonNull(fs.lookup(FileSystem.ROOT_INODE, bytes)).inode();
        for (int i = 0; i < IN_FLIGHT; i++) {
            fs.unlink(folder, ("file" + i).getBytes(StandardCharsets.UTF_8));
        }
        fs.rmdir(FileSystem.ROOT_INODE, bytes);
    }

    private static void folder(FileSystem fs, String name, int files, int bytes) throws Exception {
        long folder = ManyFiles.folder(fs, FileSystem.ROOT_INODE, name);
        if (bytes == 0) {
            ManyFiles.sparse(fs, folder, files, 0);
        } else {
            ManyFiles.full(fs, folder, files, bytes);
        }
    }
}
