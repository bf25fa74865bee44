package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Mounts;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.TestVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What signals do to a daemon: it ends cleanly, or stands still and goes on. */
@Tag("slow") // half a minute and more
@Tag("fuse")
@Needs(Capability.FUSE)
class SignalsIT {
    private static Process foreground(TestVolume volume) throws IOException {
        Path out = volume.directory().resolve("out");
        Process process =
                volume.arc()
                        .command("mount", volume.volume(), volume.mountPoint(), "--foreground")
                        .start(out, volume.directory().resolve("err"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> Files.readString(out).contains("mounted"));
        return process;
    }

    private static void signal(String name, long pid) {
        Command.of("kill", "-" + name, pid).succeed();
    }

    /** Twice: the second one comes while the first is at work, or a moment after. */
    @ParameterizedTest
    @ValueSource(strings = {"INT INT", "HUP TERM"})
    void endsTheMountWhateverAsksAndHoweverOften(String names) throws Exception {
        try (TestVolume volume = TestVolume.make()) {
            Process daemon = foreground(volume);
            Files.writeString(volume.mountPoint().resolve("file"), names);
            for (String name : names.split(" ", -1)) {
                if (daemon.isAlive()) {
                    Command.of("kill", "-" + name, daemon.pid()).run();
                }
            }
            assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(daemon.exitValue()).isZero();
            assertThat(Mounts.isMounted(volume.mountPoint())).isFalse();
            assertThat(volume.directory().resolve("err")).isEmptyFile();
            volume.mount();
            assertThat(volume.mountPoint().resolve("file")).hasContent(names);
        }
    }

    /** Appends until a file appears, and counts elsewhere how often it did. */
    private static final String APPEND =
            """
            n=0
            until [ -e "$2/stop" ]; do
                head -c 65536 /dev/zero >>"$1" || exit 1
                n=$((n + 1)) && echo $n >"$2/count.new" && mv "$2/count.new" "$2/count"
            done
            """;

    @Test
    void standsStillWhileItIsStoppedAndGoesOn() throws Exception {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Path file = volume.mountPoint().resolve("file");
            Path beside = volume.directory();
            Process writer =
                    Command.of("sh", "-c", APPEND, "sh", file, beside)
                            .start(beside.resolve("out"), beside.resolve("err"));
            long daemon = volume.daemon().pid();
            Awaitility.await().until(() -> count(beside) > 10);
            signal("STOP", daemon);
            long stopped;
            try {
                Thread.sleep(200); // an append that was answered is counted by now
                stopped = count(beside);
                Thread.sleep(1000);
                assertThat(count(beside)).as("it waits").isEqualTo(stopped);
            } finally {
                signal("CONT", daemon);
            }
            Awaitility.await().until(() -> count(beside) > stopped + 10);
            Files.createFile(beside.resolve("stop"));
            assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(writer.exitValue()).isZero();
            assertThat(file).hasSize(count(beside) * 65536);
        }
    }

    private static long count(Path beside) throws IOException {
        Path count = beside.resolve("count");
        return Files.exists(count) ? Long.parseLong(Files.readString(count).strip()) : 0;
    }
}
