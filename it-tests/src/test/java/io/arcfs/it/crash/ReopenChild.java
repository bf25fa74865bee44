package io.arcfs.it.crash;

import io.arcfs.it.kit.ManyFiles;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.MergeScope;
import io.arcfs.recovery.Volume;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Fills a volume with many files and containers and waits to be killed, or opens it and says how
 * long that took. Arguments: fill or open, volume, files, containers.
 */
final class ReopenChild {
    private static final int ROUNDS = 10;

    private ReopenChild() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        int files = Integer.parseInt(arguments[2]);
        int containers = Integer.parseInt(arguments[3]);
        if (arguments[0].equals("open")) {
            long began = System.nanoTime();
            try (Volume volume = Volume.open(directory)) {
                System.out.printf(
                        "opened in %d ms, %d containers, %d inodes left, %d actions%n",
                        (System.nanoTime() - began) / 1_000_000,
                        volume.tier().control().containers().size(),
                        volume.overlay().fileSystem().space().freeFiles(),
                        volume.recoveryActions().size());
            }
            return;
        }
        Volume volume = Volume.open(directory);
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
        // What is in flight: a sealed layer could not be better, so a busy active one.
        folder(fs, "last", 5000, 3000);
        System.out.println("filled");
        Thread.sleep(Duration.ofHours(1));
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
