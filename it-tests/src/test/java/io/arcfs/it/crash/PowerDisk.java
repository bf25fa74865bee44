package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Mounts;
import io.arcfs.it.kit.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A disk that loses power, with a volume and its medium on it: an ext4 that writes nothing back by
 * itself. Confined to one thread.
 */
final class PowerDisk implements AutoCloseable {
    /** No commit of the journal by time, and no help for who forgets to sync before a rename. */
    static final String OPTIONS = "commit=600,noauto_da_alloc";

    private final Path directory = Scratch.directory("power");
    private final Path store = directory.resolve("store");

    PowerDisk() throws IOException {
        Files.createDirectory(store);
        Command.of("truncate", "-s", "1G", file()).succeed();
        Command.of("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", file())
                .with("PATH", System.getenv("PATH") + ":/sbin:/usr/sbin")
                .succeed();
        mount();
        Files.createDirectory(store.resolve("cold"));
        CrashVolume.make(volume(), List.of("dir:" + store.resolve("cold")), 1);
    }

    /** For what must not get lost with the power. */
    Path directory() {
        return directory;
    }

    /** The disk itself. */
    Path file() {
        return directory.resolve("disk");
    }

    /** Where it is mounted. */
    Path store() {
        return store;
    }

    Path volume() {
        return store.resolve("volume");
    }

    /** Replays the journal. */
    void mount() {
        Command.of("mount", "-o", "loop," + OPTIONS, file(), store).succeed();
    }

    /**
     * Images that this process has looked at stay mapped until the collector finds that nobody
     * reads them any more.
     */
    void unmount() {
        for (int i = 0; i < 100 && Command.of("umount", store).run().exit() != 0; i++) {
            System.gc();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        assertThat(Mounts.isMounted(store)).as(store + " is mounted").isFalse();
    }

    @Override
    public void close() {
        if (Mounts.isMounted(store)) {
            unmount();
        }
        Scratch.delete(directory);
    }
}
