package io.arcfs.it.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.ManyFiles;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.overlay.FileSystem;
import io.arcfs.recovery.Volume;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Few descriptors, little memory, a disk without inodes: programs are told, and it goes on
 * afterwards.
 */
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE, Capability.LOOP})
class ScarceResourcesIT {
    private static final int DESCRIPTORS = 300;

    /** 300 less the reserve of 192. */
    private static final int FOR_PROGRAMS = 108;

    private static final int INODES = 512;
    private static final Object[] TINY = {
        "--set", "geometry.containerBytes=17825792",
        "--set", "geometry.dataBytes=16777216",
        "--set", "ssd.fullTimeout=2s",
        "--threshold", "8M",
        "--size", "8G"
    };

    @Test
    void moreOpenFilesThanDescriptorsAreRefusedAndEverythingElseGoesOn() throws IOException {
        try (TestVolume volume = TestVolume.make(TINY)) {
            mountUnder(volume, "ulimit -n " + DESCRIPTORS, "");
            Path top = volume.mountPoint();
            Path folder = Files.createDirectory(top.resolve("folder"));
            Files.writeString(top.resolve("archived"), "before");
            volume.arc("archive");
            List<FileChannel> open = openUntil(folder, "Too many open files in system");
            assertThat(open).hasSize(FOR_PROGRAMS);

            // With all of them open: names, archived files, those that are open, and rounds.
            Files.createDirectory(top.resolve("another"));
            assertThat(names(folder)).isEqualTo(FOR_PROGRAMS);
            assertThat(Files.readString(top.resolve("archived"))).isEqualTo("before");
            assertThat(Files.readString(folder.resolve("f7"))).isEqualTo("7");
            for (int round = 0; round < 3; round++) {
                for (FileChannel channel : open) {
                    channel.write(ByteBuffer.wrap(new byte[100_000]));
                }
                open.getFirst().force(true);
                volume.arc("archive");
            }
            volume.arc("merge", "--all");
            volume.arc("flush");
            volume.arc("evict");
            assertThat(Files.readAllBytes(folder.resolve("f7"))).hasSize(1 + 3 * 100_000);
            assertThatThrownBy(() -> write(folder.resolve("more"), "x"))
                    .hasMessageContaining("Too many open files in system");

            for (FileChannel channel : open) {
                channel.close();
            }
            Files.writeString(top.resolve("after"), "room again");
            volume.unmount();
            volume.mount();
            assertThat(Files.readString(top.resolve("after"))).isEqualTo("room again");
            assertThat(names(folder)).isEqualTo(FOR_PROGRAMS);
            volume.unmount();
        }
    }

    @Test
    void aMountThatCouldOpenNothingIsRefusedWithTheRemedy() {
        try (TestVolume volume = TestVolume.make()) {
            Command.Outcome refused = mountCommand(volume, "ulimit -n 128", "").run();
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.err()).contains("raise the limit with ulimit -n").hasLineCount(1);
        }
    }

    @Test
    void aDiskWithoutInodesTellsWhoMakesFilesAndRoundsGiveThemBack() throws IOException {
        Path work = Scratch.directory("inodes");
        Path disk = Files.createDirectory(work.resolve("ssd"));
        Path image = work.resolve("ssd.img");
        Command.of("truncate", "-s", 256 << 20, image).succeed();
        Command.of("mkfs.ext4", "-q", "-F", "-N", INODES, image).succeed();
        Command.of("mount", "-o", "loop", image, disk).succeed();
        try (TestVolume volume =
                TestVolume.makeAt(work.resolve("home"), disk.resolve("volume"), TINY)) {
            volume.mount();
            Path top = volume.mountPoint();
            // Open files keep their inodes, whatever rounds do.
            Path held = Files.createDirectory(top.resolve("held"));
            List<FileChannel> open = openUntil(held, "No space left on device");
            assertThat(open.size()).isBetween(INODES / 2, INODES);
            assertThat(Files.readString(held.resolve("f7"))).isEqualTo("7");
            Files.delete(held.resolve("f0"));
            volume.arc("archive");
            assertThat(Files.readString(held.resolve("f7"))).isEqualTo("7");
            for (FileChannel channel : open) {
                channel.close();
            }

            // More files than the disk has inodes: who makes them waits for rounds.
            Path many = Files.createDirectory(top.resolve("many"));
            for (int i = 0; i < 2 * INODES; i++) {
                Files.writeString(many.resolve("f" + i), "content " + i);
            }
            volume.unmount();
            volume.mount();
            assertThat(names(many)).isEqualTo(2 * INODES);
            for (int i = 0; i < 2 * INODES; i += 50) {
                assertThat(Files.readString(many.resolve("f" + i))).isEqualTo("content " + i);
            }
            volume.unmount();
        } finally {
            Command.of("umount", disk).succeed();
            Scratch.delete(work);
        }
    }

    @Tag("slow")
    @Test
    void sixtyFourMebibytesOfHeapAreEnoughForAHundredThousandFiles() throws IOException {
        try (TestVolume volume = TestVolume.make()) {
            mountUnder(volume, ":", "-Xmx64m");
            Path top = volume.mountPoint();
            Path many = Files.createDirectory(top.resolve("many"));
            Command.of("sh", "-c", "cd \"$1\" && seq 100000 | xargs touch", "sh", many)
                    .within(Duration.ofMinutes(10))
                    .succeed();
            try (RandomAccessFile sparse =
                    new RandomAccessFile(top.resolve("sparse").toFile(), "rw")) {
                sparse.setLength(10L << 30);
                sparse.seek(10L << 30);
                sparse.write(7);
            }
            assertThat(count(many)).isEqualTo(100_000);
            volume.arc("archive");
            assertThat(count(many)).isEqualTo(100_000);
            volume.unmount();
            mountUnder(volume, ":", "-Xmx64m");
            assertThat(count(many)).isEqualTo(100_000);
            assertThat(Files.size(top.resolve("sparse"))).isEqualTo((10L << 30) + 1);
            volume.unmount();
        }
    }

    /**
     * The listing takes some thirty megabytes, what the kernel refers to some eighty, and the
     * round's image writer some ninety.
     */
    @Tag("slow")
    @Test
    void aQuarterOfAGibibyteIsEnoughForAFolderOfAMillionNames() throws Exception {
        try (TestVolume volume = TestVolume.make()) {
            try (Volume direct = Volume.open(volume.volume())) {
                FileSystem fs = direct.overlay().fileSystem();
                long folder = ManyFiles.folder(fs, FileSystem.ROOT_INODE, "many");
                ManyFiles.sparse(fs, folder, 1_000_000, 0);
            }
            Path many = volume.mountPoint().resolve("many");
            mountUnder(volume, ":", "-Xmx256m");
            assertThat(count(many)).isEqualTo(1_000_000);
            volume.arc("archive");
            assertThat(count(many)).isEqualTo(1_000_000);
            Command.of("sh", "-c", "find \"$1\" -ls >/dev/null", "sh", many)
                    .within(Duration.ofMinutes(10))
                    .succeed();
            volume.unmount();
        }
    }

    /** Makes files of a few bytes and keeps them open until that is refused for this reason. */
    private static List<FileChannel> openUntil(Path folder, String reason) throws IOException {
        List<FileChannel> open = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            Path file = folder.resolve("f" + i);
            try {
                open.add(write(file, Integer.toString(i)));
            } catch (IOException e) {
                assertThat(e).hasMessageContaining(reason);
                Files.deleteIfExists(file);
                return open;
            }
        }
        throw new AssertionError("ten thousand open files were none too many");
    }

    private static FileChannel write(Path file, String content) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            channel.write(ByteBuffer.wrap(content.getBytes(US_ASCII)));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static long names(Path folder) throws IOException {
        try (Stream<Path> names = Files.list(folder)) {
            return names.count();
        }
    }

    private static long count(Path folder) {
        return Long.parseLong(
                Command.of("sh", "-c", "ls -f \"$1\" | grep -c '[0-9]'", "sh", folder)
                        .within(Duration.ofMinutes(5))
                        .succeed()
                        .out()
                        .strip());
    }

    private static void mountUnder(TestVolume volume, String limit, String javaOptions) {
        mountCommand(volume, limit, javaOptions).succeed();
    }

    private static Command mountCommand(TestVolume volume, String limit, String javaOptions) {
        return Command.of(
                        "sh",
                        "-c",
                        limit + " && exec \"$@\"",
                        "sh",
                        volume.arc().launcher(),
                        "mount",
                        volume.volume(),
                        volume.mountPoint(),
                        "-o",
                        "fuse=native")
                .with("ARCFS_JAVA_OPTIONS", javaOptions);
    }
}
