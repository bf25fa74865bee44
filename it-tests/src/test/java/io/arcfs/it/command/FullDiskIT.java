package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.arcfs.it.kit.Aspect;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.it.kit.TreeComparison;
import io.arcfs.it.kit.TreeSnapshot;
import io.arcfs.it.kit.Twin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A volume on a small file system that fills up: the writer is told with ENOSPC, what was written
 * before stays and is right, deletes work, and it all mounts again.
 */
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE, Capability.LOOP})
class FullDiskIT {
    private static final int PIECE = 1 << 20;
    private static final long DISK_BYTES = 400L << 20;

    /** More rounds than the disk has room for. */
    private static final int REFUSALS = 12;

    private static final String[] SMALL_GEOMETRY = {
        "--set", "geometry.containerBytes=17825792",
        "--set", "geometry.dataBytes=16777216",
        "--set", "ssd.fullTimeout=2s",
        "--threshold", "32M",
        "--size", "8G"
    };

    private final Path work = Scratch.directory("full");
    private final Path disk = work.resolve("ssd");
    private final Path mirror = work.resolve("mirror");

    @BeforeEach
    void makeSmallDisk() throws IOException {
        Path image = work.resolve("ssd.img");
        Files.createDirectory(disk);
        Files.createDirectory(mirror);
        Command.of("truncate", "-s", DISK_BYTES, image).succeed();
        Command.of("mkfs.ext4", "-q", "-F", image).succeed();
        Command.of("mount", "-o", "loop", image, disk).succeed();
    }

    @AfterEach
    void removeIt() {
        Command.of("umount", disk).succeed();
        Scratch.delete(work);
    }

    @Test
    void writerIsToldAndNothingWrittenBeforeIsLost() throws IOException {
        try (TestVolume volume =
                TestVolume.makeAt(
                        work.resolve("home"), disk.resolve("volume"), (Object[]) SMALL_GEOMETRY)) {
            volume.mount();
            Path mount = volume.mountPoint();
            long promised = usable(mount);
            IOException refusal = fill(mount);
            assertThat(refusal).hasMessageContaining("No space left on device");
            assertThat(TreeSnapshot.list(mirror).size())
                    .as("files before it was full")
                    .isPositive();
            assertThat(size(mirror)).as("what df promised was kept").isGreaterThan(promised);

            TreeSnapshot expected = TreeSnapshot.read(mirror);
            compareFiles("full", expected, mount);
            volume.unmount();
            volume.mount();
            compareFiles("full, mounted again", expected, mount);

            String first = "file-000";
            Files.delete(mirror.resolve(first));
            Files.delete(mount.resolve(first));
            compareFiles("one deleted", TreeSnapshot.read(mirror), mount);
            volume.unmount();
            volume.mount();
            compareFiles("one deleted, again", TreeSnapshot.read(mirror), mount);
            volume.unmount();
        }
    }

    /** What an append would evict is free; what no medium has room for is not. */
    @Test
    void dfCountsWhatCanBeEvictedAndWhatTheMediaHaveRoomFor() throws IOException {
        Object[] roomy = with("dir:" + work.resolve("cold"));
        try (TestVolume volume =
                TestVolume.makeAt(work.resolve("home"), disk.resolve("roomy"), roomy)) {
            volume.mount();
            write(volume.mountPoint().resolve("film"), 60);
            volume.arc("archive");
            volume.arc("flush");
            long cached = usable(volume.mountPoint());
            volume.arc("evict");
            assertThat(usable(volume.mountPoint())).isCloseTo(cached, within(8L * PIECE));
            volume.unmount();
        }
        Object[] narrow = with("sim:" + work.resolve("sim") + "?capacity=54M&scale=0");
        try (TestVolume volume =
                TestVolume.makeAt(work.resolve("home2"), disk.resolve("narrow"), narrow)) {
            volume.mount();
            assertThat(usable(volume.mountPoint())).isBetween(50L * PIECE, 54L * PIECE);
            write(volume.mountPoint().resolve("film"), 20);
            assertThat(usable(volume.mountPoint())).isBetween(28L * PIECE, 34L * PIECE);
            volume.arc("archive");
            volume.arc("flush");
            assertThat(usable(volume.mountPoint())).isBetween(12L * PIECE, 34L * PIECE);
            volume.unmount();
        }
    }

    private static Object[] with(String medium) {
        Object[] options = Arrays.copyOf(SMALL_GEOMETRY, SMALL_GEOMETRY.length + 2, Object[].class);
        options[options.length - 2] = "--cold";
        options[options.length - 1] = medium;
        return options;
    }

    private static void write(Path file, int pieces) throws IOException {
        Random random = new Random(2);
        try (FileChannel there = create(file)) {
            for (int piece = 0; piece < pieces; piece++) {
                writeAll(there, Twin.content(random, PIECE));
            }
        }
    }

    /** As {@code df} shows it. */
    private static long usable(Path mount) throws IOException {
        return Files.getFileStore(mount).getUsableSpace();
    }

    private static long size(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    /**
     * Writes files of 20 MiB, alike to the mirror, until one is refused and df says, too, that the
     * volume is full. What is refused is removed. A round that was under way may give space back
     * after a refusal: then there is more to write, but not for ever.
     */
    private IOException fill(Path mount) throws IOException {
        Random random = new Random(1);
        int refusals = 0;
        for (int i = 0; i < 1000; i++) {
            String name = "file-%03d".formatted(i);
            Path copy = mirror.resolve(name);
            Path file = mount.resolve(name);
            try (FileChannel here = create(copy);
                    FileChannel there = create(file)) {
                for (int piece = 0; piece < 20; piece++) {
                    byte[] bytes = Twin.content(random, PIECE);
                    writeAll(there, bytes);
                    writeAll(here, bytes);
                }
                there.force(true);
            } catch (IOException e) {
                boolean full = usable(mount) < PIECE;
                assertPrefix(copy, file);
                Files.delete(copy);
                Files.delete(file);
                if (full) {
                    return e;
                }
                refusals++;
                assertThat(refusals).as("refusals while df shows space").isLessThan(REFUSALS);
            }
        }
        throw new AssertionError("20 GB fitted on a disk of " + DISK_BYTES + " bytes");
    }

    /** What was acknowledged of the refused file can be read, and is right. */
    private static void assertPrefix(Path copy, Path file) throws IOException {
        byte[] acknowledged = Files.readAllBytes(copy);
        byte[] stored = Files.readAllBytes(file);
        assertThat(stored.length).isGreaterThanOrEqualTo(acknowledged.length);
        assertThat(Arrays.mismatch(acknowledged, stored)).isIn(-1, acknowledged.length);
    }

    private static FileChannel create(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static void writeAll(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    private static void compareFiles(String when, TreeSnapshot expected, Path mount) {
        TreeComparison.assertSame(
                when,
                expected.without(String::isEmpty),
                TreeSnapshot.read(mount).without(String::isEmpty),
                Aspect.copiedWithout(Aspect.MTIME));
    }
}
