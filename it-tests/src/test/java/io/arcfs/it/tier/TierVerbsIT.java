package io.arcfs.it.tier;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.it.kit.Twin;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** recall, pin, unpin, verify, media and gc as a person or a script meets them. */
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE})
final class TierVerbsIT {
    private static final int FILE_BYTES = 3 << 20;

    private static byte[] content(int seed) {
        return Twin.content(new Random(seed), FILE_BYTES);
    }

    private static long objectsRead(TestVolume volume) {
        long objects = 0;
        for (JsonNode medium : volume.status().path("cold")) {
            objects += medium.path("objectsRead").asLong();
        }
        return objects;
    }

    private static void makeCold(TestVolume volume) {
        volume.arc("archive");
        volume.arc("flush");
        volume.arc("evict");
    }

    @Test
    void recallBringsAndPinKeepsUntilUnpin() throws IOException {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Path folder = Files.createDirectory(volume.mountPoint().resolve("a folder"));
            for (int i = 0; i < 3; i++) {
                Files.write(folder.resolve("file " + i), content(i));
            }
            makeCold(volume);
            String said = volume.arc().succeed("recall", folder.resolve("file 0")).out();
            assertThat(said).isEqualTo("on the SSD: 3 MiB\n");
            long read = objectsRead(volume);
            assertThat(read).isBetween(12L, 14L);
            assertThat(volume.arc().succeed("pin", folder).out()).isEqualTo("pinned 9 MiB\n");
            assertThat(volume.status().at("/ssd/pinnedBytes").asLong()).isEqualTo(3L * FILE_BYTES);
            volume.arc("evict");
            volume.unmount();
            volume.mount();
            for (int i = 0; i < 3; i++) {
                assertThat(Files.readAllBytes(folder.resolve("file " + i))).isEqualTo(content(i));
            }
            assertThat(objectsRead(volume)).as("since mount, from the medium").isZero();
            // Relative, and from inside.
            volume.arc().command("unpin", "file 0", "file 1", "file 2").in(folder).succeed();
            assertThat(volume.status().at("/ssd/pinnedBytes").asLong()).isZero();
            volume.arc("evict");
            volume.unmount();
            volume.mount();
            assertThat(Files.readAllBytes(folder.resolve("file 1"))).isEqualTo(content(1));
            assertThat(objectsRead(volume)).isPositive();
        }
    }

    @Test
    void pathsThatAreNotInAVolumeAreRefusedInOneLine() {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            for (String verb : List.of("recall", "pin", "unpin")) {
                Command.Outcome outcome = volume.arc().run(verb, "/etc/passwd");
                assertThat(outcome.exit()).isEqualTo(1);
                assertThat(outcome.err())
                        .isEqualTo(
                                "arc: /etc/passwd: lies in no mounted volume; name a file below"
                                        + " a mountpoint; arc status lists them\n");
                Command.Outcome missing =
                        volume.arc().run(verb, volume.mountPoint().resolve("nothing"));
                assertThat(missing.exit()).isEqualTo(1);
                assertThat(missing.err().lines()).hasSize(1);
            }
        }
    }

    @Test
    void verifyNamesTheFileAndRepairsItFromTheOtherCopy() throws IOException {
        Path second = Scratch.directory("second");
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Path file = volume.mountPoint().resolve("the film");
            Files.write(file, content(1));
            makeCold(volume);
            assertThat(volume.arc("verify").out()).startsWith("verified 1");
            Path copy = coldFile(volume.volume().resolve("cold"));
            flip(copy, (1 << 20) + FILE_BYTES / 2);

            Command.Outcome found = volume.arc().run("verify", volume.volume());
            assertThat(found.exit()).isEqualTo(1);
            assertThat(found.out()).contains("object").contains("is damaged").contains("the film");
            assertThat(found.err()).contains("1 damaged object");
            Command.Outcome noCopy = volume.arc().run("verify", volume.volume(), "--repair");
            assertThat(noCopy.exit()).isEqualTo(1);
            assertThat(noCopy.err()).contains("no other copy has them");

            // Whole again, then with a second medium there is something to repair from.
            flip(copy, (1 << 20) + FILE_BYTES / 2);
            volume.arc("verify");
            volume.arc().succeed("media", "add", volume.volume(), "dir:" + second);
            volume.arc().succeed("config", "set", volume.volume(), "copies", "2");
            volume.unmount();
            volume.mount();
            volume.arc("flush");
            flip(copy, (1 << 20) + FILE_BYTES / 2);
            Command.Outcome repaired = volume.arc().succeed("verify", volume.volume(), "--repair");
            assertThat(repaired.out()).contains("repaired").contains("the film");
            assertThat(volume.arc("verify").out()).doesNotContain("damaged");
            assertThat(volume.status().at("/verify/oldestSeconds").asLong()).isLessThan(600);
            assertThat(Files.readAllBytes(file)).isEqualTo(content(1));
        } finally {
            Scratch.delete(second);
        }
    }

    @Test
    void aMediumIsReplacedAndTheOldOneCanBeTakenAway() throws IOException {
        Path fresh = Scratch.directory("fresh");
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Path file = volume.mountPoint().resolve("file");
            Files.write(file, content(3));
            makeCold(volume);
            Command.Outcome alone =
                    volume.arc().run("media", "retire", volume.volume(), "dir:cold");
            assertThat(alone.exit()).isEqualTo(1);
            assertThat(alone.err()).contains("add one first");
            volume.arc().succeed("media", "replace", volume.volume(), "dir:cold", "dir:" + fresh);
            assertThat(volume.arc().succeed("media", "list", volume.volume()).out())
                    .startsWith("dir:" + fresh + "   ok   ")
                    .doesNotContain("/cold ");
            Scratch.delete(volume.volume().resolve("cold"));
            volume.arc("evict");
            volume.unmount();
            volume.mount();
            assertThat(Files.readAllBytes(file)).isEqualTo(content(3));
            assertThat(volume.status().path("state").asText()).isEqualTo("mounted");
        } finally {
            Scratch.delete(fresh);
        }
    }

    @Test
    void gcGivesBackWhatDeletedFilesHeld() throws IOException {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            for (int i = 0; i < 10; i++) {
                Files.write(volume.mountPoint().resolve("f" + i), content(i));
            }
            makeCold(volume);
            for (int i = 0; i < 9; i++) {
                Files.delete(volume.mountPoint().resolve("f" + i));
            }
            volume.arc("archive");
            volume.arc("flush");
            assertThat(volume.status().at("/reclaim/deadBytes").asLong())
                    .isGreaterThan(8L * FILE_BYTES);
            assertThat(volume.status().at("/reclaim/gcBytes").asLong())
                    .isGreaterThan(8L * FILE_BYTES);
            long before = volume.status().at("/cold/0/usedBytes").asLong();
            String dry = volume.arc("gc", "--dry-run").out();
            assertThat(dry).contains("1 container").contains("3 MiB anew");
            assertThat(volume.arc("gc").out())
                    .startsWith(dry)
                    .contains("given back: ")
                    .doesNotContain("at the next mount");
            // While it is mounted, and what is left is whole.
            assertThat(volume.status().at("/cold/0/usedBytes").asLong())
                    .isLessThan(before - 8L * FILE_BYTES);
            assertThat(Files.readAllBytes(volume.mountPoint().resolve("f9"))).isEqualTo(content(9));
            volume.unmount();
            volume.mount();
            assertThat(volume.status().at("/cold/0/usedBytes").asLong())
                    .isLessThan(before - 8L * FILE_BYTES);
            assertThat(volume.status().at("/reclaim/gcBytes").asLong()).isZero();
            volume.arc("evict");
            assertThat(Files.readAllBytes(volume.mountPoint().resolve("f9"))).isEqualTo(content(9));

            // Not mounted: at once.
            Files.delete(volume.mountPoint().resolve("f9"));
            volume.unmount();
            volume.arc("archive");
            volume.arc("flush");
            assertThat(volume.arc("gc").out()).contains("given back: 3");
        }
    }

    private static Path coldFile(Path medium) throws IOException {
        try (Stream<Path> files = Files.walk(medium)) {
            return files.filter(f -> String.valueOf(f.getFileName()).matches("c\\d+\\.\\d+"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void flip(Path file, long offset) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(offset);
            int one = open.read();
            open.seek(offset);
            open.write(one ^ 0x10);
        }
    }
}
