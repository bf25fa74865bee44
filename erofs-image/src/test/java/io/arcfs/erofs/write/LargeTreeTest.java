package io.arcfs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.DirectoryCursor;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.kernel.InMemory;
import io.arcfs.erofs.kernel.KernelMounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many names: what they cost, and that they are found. */
class LargeTreeTest {
    @TempDir(factory = InMemory.class)
    Path directory;

    @Test
    void inodeTakesLessThan75BytesBesideItsName() throws IOException {
        int count = 400_000;
        GeneratedTree tree = new GeneratedTree(count, 0);
        long before = usedBytes();

        TreeSurvey survey = TreeSurvey.of(tree, ImageOptions.DEFAULT_BLOCK_BITS);

        long used = usedBytes() - before;
        assertThat(survey.inodes.rows).isEqualTo(count + 1);
        assertThat(used / count - GeneratedTree.NAME_BYTES).isLessThan(75);
    }

    /** The names come in no order, all of them in one directory: the writer's worst case. */
    @Test
    void writingTakesLessThan120BytesPerInodeBesideItsNameAtAnyMoment() throws IOException {
        int count = 300_000;
        long heapBytes = count * (120L + GeneratedTree.NAME_BYTES) + WriteGeneratedTree.OWN_BYTES;
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String said =
                KernelMounts.run(
                        java,
                        "-XX:+UseSerialGC",
                        "-Xmx" + (heapBytes >> 10) + "k",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WriteGeneratedTree.class.getName(),
                        String.valueOf(count),
                        directory.resolve("image").toString());
        assertThat(said).contains(count + 1 + " inodes");
    }

    @Test
    void namesOfALargeDirectoryAreFound() throws IOException {
        namesAreFound(100_000);
    }

    @Test
    @Tag("slow")
    void namesOfADirectoryOfAMillionAreFound() throws IOException {
        namesAreFound(1_000_000);
    }

    private void namesAreFound(int count) throws IOException {
        Path file = directory.resolve("image");
        // The step makes the order of names another than that in which they come.
        ImageWriter.write(
                new GeneratedTree(count, 7919),
                new ImageOptions(new UUID(1, 2), "", 0, List.of()),
                file);
        ErofsImage image = ErofsImage.open(file);
        DirectoryCursor cursor = image.cursor(image.rootNid());
        int listed = 0;
        while (cursor.next()) {
            if (listed % 97 == 0) {
                assertThat(image.lookup(image.rootNid(), cursor.name())).isEqualTo(cursor.nid());
                assertThat(cursor.name()).isEqualTo(GeneratedTree.name(listed));
            }
            listed++;
        }
        assertThat(listed).isEqualTo(count);
        assertThat(image.lookup(image.rootNid(), "n0000001x".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(ErofsImage.ABSENT);
    }

    private static long usedBytes() {
        // The collector is asked more than once: what the first round frees may free more.
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
