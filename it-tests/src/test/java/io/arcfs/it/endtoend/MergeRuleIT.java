package io.arcfs.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Aspect;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.it.kit.TreeComparison;
import io.arcfs.it.kit.TreeSnapshot;
import io.arcfs.it.kit.Twin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The merge rule that must never break: a folder of nine files is copied in, removed, made again
 * and filled one by one, every file more than half of the threshold; after every round and merge
 * the folder shows exactly what was copied. Files that were removed do not come back.
 */
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE})
class MergeRuleIT {
    private static final int MIB = 1 << 20;

    private final Path work = Scratch.directory("rule");

    @AfterEach
    void deleteWork() {
        Scratch.delete(work);
    }

    @Test
    void removedFilesDoNotComeBackSmall() throws IOException {
        sequence("10M", 6 * MIB);
    }

    @Tag("slow")
    @Test
    void removedFilesDoNotComeBack() throws IOException {
        sequence("100M", 60 * MIB);
    }

    private void sequence(String threshold, int fileBytes) throws IOException {
        Path first = makeFolder("first", fileBytes, 1);
        Path second = makeFolder("second", fileBytes, 2);
        try (TestVolume volume = TestVolume.makeAndMount("--threshold", threshold)) {
            Path folder = volume.mountPoint().resolve("folder");
            Command.of("cp", "-a", first, folder).succeed();
            compare("copied in", first, folder);
            untilRoundsRest(volume);
            compare("after the first rounds", first, folder);

            Command.of("rm", "-rf", folder).succeed();
            assertThat(folder).doesNotExist();
            Files.createDirectory(folder);
            assertThat(folder).isEmptyDirectory();

            Path shown = Files.createDirectory(work.resolve("shown"));
            for (int i = 0; i < 9; i++) {
                String name = names(2).get(i);
                Command.of("cp", "-a", second.resolve(name), folder).succeed();
                Command.of("cp", "-al", second.resolve(name), shown).succeed();
                listing("file " + i + " copied", shown, folder);
                untilRoundsRest(volume);
                listing("file " + i + ", after its round", shown, folder);
                if (i % 3 == 1) {
                    volume.arc("archive");
                    listing("file " + i + ", after arc archive", shown, folder);
                    volume.arc("merge");
                    listing("file " + i + ", after arc merge", shown, folder);
                }
            }
            Command.of("touch", "-r", second, folder).succeed();
            volume.arc("archive");
            compare("all archived", second, folder);
            volume.arc("merge");
            compare("merged", second, folder);
            volume.arc("merge", "--all");
            assertThat(volume.archivedLayers()).hasSize(1);
            compare("merged into one", second, folder);
            volume.unmount();
            volume.mount();
            compare("mounted again", second, folder);
        }
    }

    /** The second folder shares some names with the first, with other contents. */
    private static List<String> names(int which) {
        return which == 1
                ? List.of("1", "2", "3", "4", "5", "6", "7", "8", "9")
                : List.of("1", "3", "5", "7", "9", "a", "b", "c", "d");
    }

    private Path makeFolder(String name, int fileBytes, int which) throws IOException {
        Path folder = Files.createDirectory(work.resolve(name));
        Random random = new Random(which);
        for (String file : names(which)) {
            Files.write(folder.resolve(file), Twin.content(random, fileBytes));
        }
        return folder;
    }

    /** Names and sizes; cheap enough after every step. */
    private static void listing(String when, Path expected, Path folder) {
        TreeComparison.assertSame(
                when,
                TreeSnapshot.list(expected),
                TreeSnapshot.list(folder),
                Aspect.copiedWithout(Aspect.DIRECTORY_MTIME, Aspect.LINKS));
    }

    private static void compare(String when, Path expected, Path folder) {
        TreeComparison.assertSame(
                when,
                TreeSnapshot.read(expected),
                TreeSnapshot.read(folder),
                Aspect.copiedWithout(Aspect.LINKS));
    }

    /** Until no layer is being sealed, built or merged. */
    private static void untilRoundsRest(TestVolume volume) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(300))
                .until(() -> {
                    String layers = volume.status().path("layers").toString();
                    String running = volume.status().path("work").toString();
                    return !layers.contains("SEALED")
                            && !layers.contains("BUILT")
                            && !running.contains("\"build\"")
                            && !running.contains("\"merge\"");
                });
    }
}
