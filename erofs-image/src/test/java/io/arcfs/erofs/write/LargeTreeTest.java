package io.arcfs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.DirectoryCursor;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.kernel.InMemory;
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
    private static final int NAME_BYTES = 8;

    @TempDir(factory = InMemory.class)
    Path directory;

    @Test
    void inodeTakesLessThan200BytesBesideItsName() throws IOException {
        int count = 400_000;
        GeneratedTree tree = new GeneratedTree(count, 0);
        long before = usedBytes();

        TreeSurvey survey = TreeSurvey.of(tree, ImageOptions.DEFAULT_BLOCK_BITS);

        long used = usedBytes() - before;
        assertThat(survey.inodes.rows).isEqualTo(count + 1);
        assertThat(used / count - NAME_BYTES).isLessThan(200);
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

    /** Empty files in one directory, kept nowhere. */
    private record GeneratedTree(int count, int step) implements TreeSource {
        static byte[] name(int number) {
            byte[] name = new byte[NAME_BYTES];
            name[0] = 'n';
            for (int i = NAME_BYTES - 1; i > 0; i--) {
                name[i] = (byte) ('0' + number % 10);
                number /= 10;
            }
            return name;
        }

        @Override
        public long rootKey() {
            return -1;
        }

        @Override
        public void children(long directoryKey, ChildSink sink) throws IOException {
            long number = 0;
            for (int i = 0; i < count; i++) {
                int next = step == 0 ? i : (int) number;
                sink.child(name(next), next);
                number = (number + step) % count;
            }
        }

        @Override
        public InodeAttributes attributes(long key) {
            int mode = key < 0 ? 0x4000 | 0755 : 0x8000 | 0644;
            return new InodeAttributes(0, mode, 1, 1, 0, 0, 1_000_000 + key, 5);
        }

        @Override
        public List<Xattr> xattrs(long key) {
            return List.of();
        }

        @Override
        public byte[] symlinkTarget(long key) {
            throw new IllegalArgumentException("no symlink");
        }

        @Override
        public ChunkList chunks(long key) {
            throw new IllegalArgumentException("no data");
        }
    }
}
