package io.arcfs.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.ManyFiles;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.overlay.FileSystem;
import io.arcfs.recovery.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A volume with a million archived files: mounting it is quick, walking it costs little memory. */
@Tag("root")
@Tag("fuse")
@Tag("slow")
@Needs({Capability.ROOT, Capability.FUSE})
class MillionFilesIT {
    private static final int FOLDERS = 1000;
    private static final int FILES_IN_EACH = 1000;

    /** The root, the folder of all, folders and files. */
    private static final long EVERYTHING = 2 + FOLDERS + FOLDERS * FILES_IN_EACH;

    private static final Duration LONG = Duration.ofMinutes(20);
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void aMillionArchivedFilesMountQuicklyAndTakeLittleMemory() throws Exception {
        try (TestVolume empty = TestVolume.make();
                TestVolume volume =
                        TestVolume.make(
                                "--set", "geometry.chunkBytes=65536",
                                "--set", "geometry.objectBytes=65536",
                                "--set", "geometry.dataBytes=1310720",
                                "--set", "geometry.containerBytes=1441792",
                                "--set", "geometry.containers=8000",
                                "--set", "merge.policy=manual")) {
            fill(volume.volume());
            long image = Files.size(volume.image("arc_00"));

            Duration withNothing = timed(() -> empty.mount("-o", "fuse=native"));
            empty.unmount();
            Duration mounting = timed(() -> volume.mount("-o", "fuse=native"));
            Memory idle = Memory.of(volume);
            Duration finding =
                    timed(() -> assertThat(count(volume.mountPoint())).isEqualTo(EVERYTHING));
            Memory walked = Memory.of(volume);
            Duration again =
                    timed(() -> assertThat(count(volume.mountPoint())).isEqualTo(EVERYTHING));

            System.out.printf(
                    "a million files: image %d MiB, mount %d ms (an empty volume %d ms), find -ls"
                            + " %d ms, again %d ms, idle %s, after find %s%n",
                    image / MEBIBYTE,
                    mounting.toMillis(),
                    withNothing.toMillis(),
                    finding.toMillis(),
                    again.toMillis(),
                    idle,
                    walked);

            // Names that go and come again, in a folder with a thousand archived ones.
            Path top = volume.mountPoint().resolve("top");
            Path folder = top.resolve("folder7");
            for (int i = 0; i < FILES_IN_EACH; i++) {
                Files.delete(folder.resolve("file" + i));
            }
            assertThat(count(folder)).isEqualTo(1);
            Files.createFile(folder.resolve("file0"));
            assertThat(count(folder)).isEqualTo(2);
            // Whatever lies below: a name goes, another comes.
            Duration renaming = timed(() -> Files.move(top, volume.mountPoint().resolve("moved")));
            assertThat(renaming).isLessThan(Duration.ofSeconds(1));
            volume.arc("archive");
            Files.move(volume.mountPoint().resolve("moved"), top);
            assertThat(count(volume.mountPoint())).isEqualTo(EVERYTHING - 999);
            volume.unmount();

            assertThat(mounting).isLessThan(Duration.ofSeconds(2));
            assertThat(walked.beyondImages()).isLessThan(300 * MEBIBYTE);
        }
    }

    /** Makes the files without a mount; the round that archives them writes them as one image. */
    private static void fill(Path directory) throws IOException, InterruptedException {
        try (Volume volume = Volume.open(directory)) {
            FileSystem fs = volume.overlay().fileSystem();
            long top = ManyFiles.folder(fs, FileSystem.ROOT_INODE, "top");
            for (int i = 0; i < FOLDERS; i++) {
                long folder = ManyFiles.folder(fs, top, "folder" + i);
                ManyFiles.sparse(fs, folder, FILES_IN_EACH, 100_000);
                fs.forget(folder, 1);
            }
            assertThat(volume.overlay().archive()).isTrue();
        }
    }

    private static long count(Path top) {
        return Command.of("sh", "-c", "find \"$1\" -ls | wc -l", "sh", top)
                .within(LONG)
                .succeed()
                .out()
                .strip()
                .transform(Long::parseLong);
    }

    /** What a daemon has in memory, in bytes: all of it, and that of mapped images. */
    private record Memory(long resident, long images) {
        static Memory of(TestVolume volume) throws IOException {
            Path smaps = Path.of("/proc", Long.toString(volume.daemon().pid()), "smaps");
            long resident = 0;
            long images = 0;
            boolean isImage = false;
            for (String line : Files.readAllLines(smaps)) {
                if (line.startsWith("Rss:")) {
                    long bytes = Long.parseLong(line.replaceAll("\\D", "")) << 10;
                    resident += bytes;
                    images += isImage ? bytes : 0;
                } else if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                    isImage = line.contains("/images/meta.");
                }
            }
            return new Memory(resident, images);
        }

        long beyondImages() {
            return resident - images;
        }

        @Override
        public String toString() {
            return "%d MiB of which %d MiB of images"
                    .formatted(resident / MEBIBYTE, images / MEBIBYTE);
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static Duration timed(Step step) throws Exception {
        long began = System.nanoTime();
        step.run();
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
