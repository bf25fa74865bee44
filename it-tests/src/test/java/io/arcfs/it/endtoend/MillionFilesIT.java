package io.arcfs.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.recovery.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    private static final Duration LONG = Duration.ofMinutes(20);
    private static final long EVERYTHING = 2 + FOLDERS + FOLDERS * FILES_IN_EACH;
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void aMillionArchivedFilesMountQuicklyAndTakeLittleMemory() throws Exception {
        try (TestVolume empty = TestVolume.make();
                TestVolume volume = TestVolume.make()) {
            fill(volume.volume());
            long image = Files.size(volume.image("arc_00"));

            Duration withNothing = timed(() -> empty.mount("-o", "fuse=native"));
            empty.unmount();
            Duration mounting = timed(() -> volume.mount("-o", "fuse=native"));
            long idle = anonymous(volume);
            Duration finding =
                    timed(() -> assertThat(count(volume.mountPoint())).isEqualTo(EVERYTHING));
            long walked = anonymous(volume);
            Duration again =
                    timed(() -> assertThat(count(volume.mountPoint())).isEqualTo(EVERYTHING));

            // Names that go and come again, in a folder with a thousand archived ones.
            Path top = volume.mountPoint().resolve("top");
            Path folder = top.resolve("folder-0007");
            for (int i = 0; i < FILES_IN_EACH; i++) {
                Files.delete(folder.resolve("file-%04d".formatted(i)));
            }
            assertThat(count(folder)).isEqualTo(1);
            Files.createFile(folder.resolve("file-0000"));
            assertThat(count(folder)).isEqualTo(2);
            // Whatever lies below: a name goes, another comes.
            Duration renaming = timed(() -> Files.move(top, volume.mountPoint().resolve("moved")));
            volume.arc("archive");
            Files.move(volume.mountPoint().resolve("moved"), top);
            assertThat(count(volume.mountPoint())).isEqualTo(EVERYTHING - 999);

            System.out.printf(
                    "a million files: image %d MiB, mount %d ms (an empty volume %d ms), find -ls"
                        + " %d ms, again %d ms, rename of all %d ms, anonymous memory %d MiB idle,"
                        + " %d MiB after find%n",
                    image / MEBIBYTE,
                    mounting.toMillis(),
                    withNothing.toMillis(),
                    finding.toMillis(),
                    again.toMillis(),
                    renaming.toMillis(),
                    idle / MEBIBYTE,
                    walked / MEBIBYTE);
            assertThat(mounting).isLessThan(Duration.ofSeconds(2));
            assertThat(walked).isLessThan(300 * MEBIBYTE);
        }
    }

    /** Makes the files without a mount; the round that archives them writes them as one image. */
    private static void fill(Path directory) throws IOException, InterruptedException {
        Caller caller = new Caller(1000, 1000, 0);
        try (Volume volume = Volume.open(directory)) {
            FileSystem files = volume.overlay().fileSystem();
            long top = files.mkdir(FileSystem.ROOT_INODE, name("top", 0), 0755, caller).inode();
            for (int i = 0; i < FOLDERS; i++) {
                long parent = files.mkdir(top, name("folder-%04d", i), 0755, caller).inode();
                for (int j = 0; j < FILES_IN_EACH; j++) {
                    long file =
                            files.mknod(parent, name("file-%04d", j), 0100644, 0, caller).inode();
                    files.forget(file, 1);
                }
                files.forget(parent, 1);
            }
            assertThat(volume.overlay().archive()).isTrue();
        }
    }

    private static byte[] name(String format, int number) {
        return format.formatted(number).getBytes(StandardCharsets.US_ASCII);
    }

    private static long count(Path top) {
        return Command.of("sh", "-c", "find \"$1\" -ls | wc -l", "sh", top)
                .within(LONG)
                .succeed()
                .out()
                .strip()
                .transform(Long::parseLong);
    }

    /** Bytes of the daemon that are no mapped file. */
    private static long anonymous(TestVolume volume) throws IOException {
        Path status = Path.of("/proc", Long.toString(volume.daemon().pid()), "status");
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("RssAnon:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new AssertionError("no RssAnon in " + status);
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
