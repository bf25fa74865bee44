package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.it.kit.ArcCli;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Mounts;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The newcomer's command, in a home directory of its own. */
@Tag("fuse")
@Needs(Capability.FUSE)
class UpIT {
    private final Path home = Scratch.directory("home");
    private final Path mountPoint = home.resolve("Archive");
    private final ArcCli arc =
            ArcCli.ofThisProject()
                    .with("HOME", home.toString())
                    .with("XDG_DATA_HOME", home + "/.local/share")
                    .with("XDG_RUNTIME_DIR", home + "/run");

    @BeforeEach
    void makeRuntimeDirectory() throws IOException {
        Files.createDirectory(home.resolve("run"));
    }

    @AfterEach
    void unmountAndDelete() {
        if (Mounts.isMounted(mountPoint)) {
            JsonNode status = arc.status(mountPoint);
            arc.run("umount", mountPoint);
            ProcessHandle.of(status.path("pid").asLong()).ifPresent(UpIT::awaitEnd);
        }
        Scratch.sweep(home);
        Scratch.delete(home);
    }

    @Test
    void upMakesAVolumeAndMountsItAndTwiceIsSuccess() throws IOException {
        Command.Outcome first = arc.succeed("up", mountPoint);
        assertThat(first.out()).contains(mountPoint.toString());
        assertThat(Mounts.isMounted(mountPoint)).isTrue();
        Files.writeString(mountPoint.resolve("hello"), "there");

        arc.succeed("up", mountPoint);
        assertThat(Mounts.below(mountPoint)).hasSize(1);
        assertThat(mountPoint.resolve("hello")).hasContent("there");

        JsonNode status = arc.status(mountPoint);
        assertThat(Path.of(status.path("volume").asText()))
                .startsWith(home.resolve(".local/share"));

        ProcessHandle daemon = ProcessHandle.of(status.path("pid").asLong()).orElseThrow();
        arc.succeed("umount", mountPoint);
        awaitEnd(daemon);
        arc.succeed("up", mountPoint);
        assertThat(mountPoint.resolve("hello")).hasContent("there");
    }

    @Test
    void upOverADeadMountRepairsIt() throws IOException {
        arc.succeed("up", mountPoint);
        Files.writeString(mountPoint.resolve("hello"), "there");
        Command.of("sync", mountPoint.resolve("hello")).succeed();
        ProcessHandle daemon =
                ProcessHandle.of(arc.status(mountPoint).path("pid").asLong()).orElseThrow();
        daemon.destroyForcibly();
        awaitEnd(daemon);

        arc.succeed("up", mountPoint);
        assertThat(Mounts.below(mountPoint)).hasSize(1);
        assertThat(mountPoint.resolve("hello")).hasContent("there");
    }

    private static void awaitEnd(ProcessHandle daemon) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !daemon.isAlive());
    }
}
