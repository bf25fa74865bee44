package io.arcfs.it.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.ArcCli;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Things that are no images: one line that names them, soon, whatever is asked. */
@Needs(Capability.ROOT)
class NoImageIT {
    private final ArcCli arc =
            ArcCli.ofThisProject()
                    .with("ARCFS_JAVA_OPTIONS", "-Xmx256m")
                    .within(Duration.ofSeconds(60));
    private final Path work = Scratch.directory("noimage");

    @AfterEach
    void deleteWork() {
        Scratch.delete(work);
    }

    @Test
    void whatIsNoImageIsNamed() throws IOException {
        Path empty = Files.createFile(work.resolve("empty"));
        Path directory = Files.createDirectory(work.resolve("directory"));
        Path fifo = work.resolve("fifo");
        Command.of("mkfifo", fifo).succeed();
        Path ext4 = sparse("ext4", 1 << 20);
        Command.of("mkfs.ext4", "-q", ext4).succeed();
        Path packed = Files.writeString(work.resolve("packed"), "text\n".repeat(1000));
        Command.of("gzip", packed).succeed();
        for (Path path :
                List.of(
                        empty,
                        directory,
                        fifo,
                        Path.of("/dev/zero"),
                        ext4,
                        Path.of(packed + ".gz"),
                        sparse("terabyte", 1L << 40),
                        work.resolve("missing"))) {
            for (String verb : List.of("check", "ls")) {
                Command.Outcome outcome = arc.run("image", verb, path);
                assertThat(outcome.exit()).as("%s %s", verb, path).isEqualTo(1);
                assertThat(outcome.err())
                        .as("%s %s", verb, path)
                        .contains(path.toString())
                        .doesNotContain("\tat ")
                        .hasLineCount(1);
            }
        }
    }

    private Path sparse(String name, long length) throws IOException {
        Path file = work.resolve(name);
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(length);
        }
        return file;
    }
}
