package io.arcfs.erofs.remap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.UnsupportedImageException;
import io.arcfs.erofs.check.ImageChecker;
import io.arcfs.erofs.kernel.InMemory;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.MemoryTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageRemapTest {
    private static final long WIDE = 1L << 33;

    @TempDir(factory = InMemory.class)
    Path directory;

    @Test
    void movesChunksAndNothingElse() throws IOException {
        ErofsImage image = write("image", 1, 100_000, 500);
        Path file = directory.resolve("moved");

        long moved = ImageRemap.write(image, (device, block, _) -> block + 50_000L * device, file);

        // "a" and its link are one inode; holes stay.
        assertThat(moved).isEqualTo(2);
        ErofsImage expected = write("expected", 1, 100_000, 50_500);
        assertThat(Files.readAllBytes(file))
                .isEqualTo(Files.readAllBytes(Path.of(expected.name())));
    }

    @Test
    void withoutMovesTheBytesAreTheSame() throws IOException {
        ErofsImage image = write("image", 1, 100_000, 500);
        Path file = directory.resolve("same");

        assertThat(ImageRemap.write(image, (_, block, _) -> block, file)).isZero();
        assertThat(Files.readAllBytes(file)).isEqualTo(Files.readAllBytes(Path.of(image.name())));
    }

    @Test
    void addressesOf48BitsMove() throws IOException {
        ErofsImage image = write("image", 2, WIDE, WIDE - 9000);
        Path file = directory.resolve("moved");

        ImageRemap.write(image, (_, block, _) -> block - WIDE / 2, file);

        ErofsImage moved = ErofsImage.open(file);
        assertThat(chunks(moved, "a").blocks())
                .containsExactly(WIDE / 2 - 9000, ChunkList.HOLE, WIDE / 2 - 7000);
        assertThat(ImageChecker.check(moved, List.of())).isEmpty();
    }

    @Test
    void moveBeyondTheDeviceIsRefusedAndLeavesNoFile() throws IOException {
        ErofsImage image = write("image", 1, 100_000, 500);
        Path file = directory.resolve("moved");

        assertThatThrownBy(() -> ImageRemap.write(image, (_, _, _) -> 99_000, file))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("block 99000 of a device of 100000");
        assertThat(file).doesNotExist();
    }

    private static ChunkList chunks(ErofsImage image, String name) throws IOException {
        return image.chunks(image.lookup(image.rootNid(), name.getBytes(StandardCharsets.UTF_8)));
    }

    /** A file of two chunks with a hole between, on one of some devices; it has two names. */
    private ErofsImage write(String name, int device, long deviceBlocks, long firstBlock)
            throws IOException {
        MemoryTree tree = new MemoryTree();
        MemoryTree.Node file = tree.file(tree.root, "a", (2L << 22) + 4096, 0);
        file.chunks =
                new ChunkList(
                        22, device, new long[] {firstBlock, ChunkList.HOLE, firstBlock + 2000});
        tree.link(tree.directory(tree.root, "d"), "link", file);
        tree.file(tree.root, "empty", 0, 0);
        tree.symlink(tree.root, "s", "target");
        Path path = directory.resolve(name);
        List<DeviceSlot> devices =
                device == 1
                        ? List.of(DeviceSlot.of("one", deviceBlocks))
                        : List.of(DeviceSlot.of("zero", 1), DeviceSlot.of("one", deviceBlocks));
        ImageWriter.write(tree, new ImageOptions(new UUID(1, 2), "", 0, devices), path);
        return ErofsImage.open(path);
    }
}
