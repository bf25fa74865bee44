package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.TestVolume;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Few descriptors, little memory, a disk without inodes: programs are told, and it goes on afterwards. */
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE})
class ScarceResourcesIT {
    /** The daemon itself, its database and its libraries take about a hundred. */
    private static final int DESCRIPTORS = 300;

    @Test
    void moreOpenFilesThanDescriptorsAreRefusedAndItGoesOn() throws IOException {
        try (TestVolume volume = TestVolume.make()) {
            mountUnder(volume, "ulimit -n " + DESCRIPTORS, "");
            Path folder = Files.createDirectory(volume.mountPoint().resolve("folder"));
            List<FileChannel> open = new ArrayList<>();
            FileSystemException refusal = null;
            try {
                for (int i = 0; i < 2 * DESCRIPTORS && refusal == null; i++) {
                    FileChannel channel = create(folder.resolve("f" + i));
                    open.add(channel);
                    channel.write(java.nio.ByteBuffer.wrap(new byte[] {1}));
                }
            } catch (IOException e) {
                assertThat(e.getMessage()).containsPattern("[Tt]oo many open files");
                refusal = new FileSystemException("refused");
            }
            assertThat(refusal).as("after %d files", open.size()).isNotNull();
            // Names and what needs no descriptor of its own go on.
            try (Stream<Path> names = Files.list(folder)) {
                assertThat(names.count()).isGreaterThanOrEqualTo(open.size());
            }
            for (FileChannel channel : open) {
                channel.close();
            }
            Files.writeString(volume.mountPoint().resolve("after"), "room again");
            assertThat(Files.readString(volume.mountPoint().resolve("after"))).isEqualTo("room again");
            volume.arc("archive");
            assertThat(Files.size(folder.resolve("f0"))).isEqualTo(1);
            volume.unmount();
        }
    }

    @Tag("slow")
    @Test
    void sixtyFourMebibytesOfHeapAreEnoughForManyFilesAndAFolderOfAMillionNames() throws IOException {
        try (TestVolume volume = TestVolume.make()) {
            mountUnder(volume, ":", "-Xmx64m");
            Path top = volume.mountPoint();
            Path many = Files.createDirectory(top.resolve("many"));
            Command.of("sh", "-c", "cd \"$1\" && seq 1000000 | xargs touch", "sh", many)
                    .within(Duration.ofMinutes(40))
                    .succeed();
            try (RandomAccessFile sparse = new RandomAccessFile(top.resolve("sparse").toFile(), "rw")) {
                sparse.setLength(10L << 30);
                sparse.seek(10L << 30);
                sparse.write(7);
            }
            assertThat(count(many)).isEqualTo(1_000_000);
            volume.arc("archive");
            assertThat(count(many)).isEqualTo(1_000_000);
            volume.unmount();
            mountUnder(volume, ":", "-Xmx64m");
            assertThat(count(many)).isEqualTo(1_000_000);
            assertThat(Files.size(top.resolve("sparse"))).isEqualTo((10L << 30) + 1);
            volume.unmount();
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
        Command.of(
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
                .with("ARCFS_JAVA_OPTIONS", javaOptions)
                .succeed();
    }

    private static FileChannel create(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }
}
