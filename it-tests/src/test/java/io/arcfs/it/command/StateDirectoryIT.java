package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.it.kit.ArcCli;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.it.kit.Twin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Where a volume may lie, and where it cannot: file systems that are in memory, read-only, or that
 * limit the daemon.
 */
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE})
class StateDirectoryIT {
    private static final int MIB = 1 << 20;
    private static final Object[] SMALL = {
        "--set", "geometry.containerBytes=17825792",
        "--set", "geometry.dataBytes=16777216",
        "--size", "8G"
    };

    private final ArcCli arc = ArcCli.ofThisProject().within(Duration.ofMinutes(2));
    private final Path work = Scratch.directory("state");
    private final Path memory = work.resolve("memory");

    @BeforeEach
    void mountMemory() throws IOException {
        Files.createDirectory(memory);
        Command.of("mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", memory).succeed();
    }

    @AfterEach
    void removeIt() {
        Command.of("umount", memory).succeed();
        Scratch.delete(work);
    }

    private TestVolume volumeInMemory() {
        return TestVolume.makeAt(work.resolve("home"), memory.resolve("volume"), SMALL);
    }

    @Test
    void aVolumeWorksOnAFileSystemInMemory() throws IOException {
        try (TestVolume volume = volumeInMemory()) {
            byte[] bytes = Twin.content(new Random(1), 5 * MIB);
            volume.mount();
            Files.write(volume.mountPoint().resolve("film"), bytes);
            volume.arc("archive");
            volume.arc("flush");
            volume.arc("evict");
            assertThat(volume.mountPoint().resolve("film")).hasBinaryContent(bytes);
            volume.unmount();
            volume.mount();
            assertThat(volume.mountPoint().resolve("film")).hasBinaryContent(bytes);
            volume.unmount();
        }
    }

    @Test
    void aReadOnlyFileSystemIsNamedAndNothingIsLost() throws IOException {
        try (TestVolume volume = volumeInMemory()) {
            volume.mount();
            Files.writeString(volume.mountPoint().resolve("note"), "kept");
            volume.unmount();
            Command.of("mount", "-o", "remount,ro", memory).succeed();
            for (String verb : new String[] {"archive", "evict", "recover"}) {
                assertRefused(arc.run(verb, volume.volume()));
            }
            assertRefused(arc.run("mount", volume.volume(), volume.mountPoint()));
            assertRefused(arc.run("mkfs", memory.resolve("another")));
            Command.of("mount", "-o", "remount,rw", memory).succeed();
            volume.mount();
            assertThat(volume.mountPoint().resolve("note")).hasContent("kept");
            volume.unmount();
        }
    }

    /** RLIMIT_FSIZE: the kernel sends SIGXFSZ besides, which must not end the daemon. */
    @Test
    void aLimitOfFileSizesIsToldToTheWriterAndEndsNothing() throws IOException {
        try (TestVolume volume = volumeInMemory()) {
            volume.mount();
            Path film = volume.mountPoint().resolve("film");
            Path small = volume.mountPoint().resolve("small");
            byte[] bytes = Twin.content(new Random(2), 12 * MIB);
            limitFileSize(volume, Integer.toString(8 * MIB));
            assertThatThrownBy(() -> Files.write(film, bytes))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("File too large");
            assertThat(Files.size(film)).isBetween(1L, 8L * MIB);
            Files.writeString(small, "goes on");
            assertThat(small).hasContent("goes on");

            limitFileSize(volume, "unlimited");
            Files.write(film, bytes);
            volume.arc("archive");
            volume.arc("flush");
            volume.arc("evict");
            assertThat(film).hasBinaryContent(bytes);
            assertThat(small).hasContent("goes on");
            volume.unmount();
        }
    }

    private static void limitFileSize(TestVolume volume, String limit) {
        Command.of("prlimit", "--pid", volume.daemon().pid(), "--fsize=" + limit + ":unlimited")
                .succeed();
    }

    private static void assertRefused(Command.Outcome outcome) {
        assertThat(outcome.exit()).as(outcome.toString()).isEqualTo(1);
        assertThat(outcome.err().lines())
                .as(outcome.toString())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("arc: ")
                .containsIgnoringCase("read-only");
    }
}
