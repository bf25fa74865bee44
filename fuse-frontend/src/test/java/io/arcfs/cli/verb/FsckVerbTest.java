package io.arcfs.cli.verb;

import static io.arcfs.cli.verb.ArcRun.arc;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.Created;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.recovery.Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code arc fsck} says and exits with: nothing wrong, repaired, beyond repair. */
@Timeout(120)
class FsckVerbTest {
    private static final int BYTES = 300_000;

    @TempDir Path scratch;
    private Path volume = Path.of("");

    /** A file on two media, and no longer on the SSD. */
    @BeforeEach
    void archive() throws Exception {
        volume = scratch.toRealPath().resolve("volume");
        arc(
                        "mkfs",
                        volume,
                        "--cold",
                        "dir:" + scratch.resolve("one"),
                        "--cold",
                        "dir:" + scratch.resolve("two"),
                        "--copies",
                        2,
                        "--size",
                        "1G")
                .succeeded();
        try (Volume open = Volume.open(volume)) {
            Created made =
                    open.overlay()
                            .fileSystem()
                            .create(
                                    FileSystem.ROOT_INODE,
                                    "film".getBytes(StandardCharsets.UTF_8),
                                    0644,
                                    OpenMode.READ_WRITE,
                                    new Caller(0, 0, 022));
            byte[] bytes = new byte[BYTES];
            new Random(1).nextBytes(bytes);
            made.file().append(MemorySegment.ofArray(bytes));
            made.file().release();
            open.overlay().archive();
            open.overlay().flush();
            open.overlay().evictAll();
        }
    }

    @Test
    void nothingWrongIsExitCode0() {
        ArcRun checked = arc("fsck", volume, "--data").succeeded();
        assertThat(checked.out()).endsWith("clean\n");
        assertThat(arc("fsck", volume, "--repair").succeeded().out()).endsWith("clean\n");
    }

    @Test
    void whatIsRepairedIsNamedAndExitCode0() throws IOException {
        damage("one");
        ArcRun checked = arc("fsck", volume, "--data");
        assertThat(checked.exitCode()).isEqualTo(1);
        assertThat(checked.out()).contains("repairable cold-copy ");
        assertThat(checked.err()).contains("arc fsck --repair does what is safe");

        ArcRun repaired = arc("fsck", volume, "--repair").succeeded();
        assertThat(repaired.out()).contains("repaired dir:").endsWith("clean\n");
        assertThat(arc("fsck", volume, "--data").succeeded().out()).endsWith("clean\n");
    }

    @Test
    void whatCannotBeRepairedIsNamedAndExitCode1() throws IOException {
        damage("one");
        damage("two");
        ArcRun repaired = arc("fsck", volume, "--repair");
        assertThat(repaired.exitCode()).isEqualTo(1);
        assertThat(repaired.out()).contains("error cold-copy ");
        assertThat(repaired.err())
                .contains(
                        volume.toString(),
                        "wrong",
                        "what is left needs a copy from elsewhere, or arc recover --from-cold");
    }

    @Test
    void whatIsNoVolumeIsExitCode1() {
        arc("fsck", scratch.resolve("none"), "--repair").refusedWith(1, "none");
    }

    /** Overwrites a piece of the file in the copy of its container on a medium. */
    private void damage(String medium) throws IOException {
        List<Path> copies;
        try (Stream<Path> all = Files.walk(scratch.resolve(medium))) {
            copies =
                    all.filter(path -> path.getFileName().toString().matches("c\\d+\\.\\d+"))
                            .toList();
        }
        assertThat(copies).hasSize(1);
        byte[] noise = new byte[4096];
        new Random(2).nextBytes(noise);
        try (var file = Files.newByteChannel(copies.getFirst(), StandardOpenOption.WRITE)) {
            // Container 0 begins with 1 MiB that is never allocated.
            file.position((1 << 20) + 64 * 1024);
            file.write(java.nio.ByteBuffer.wrap(noise));
        }
    }
}
