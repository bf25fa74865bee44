package io.arcfs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.DataLayout;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Extent;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.kernel.InMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageWriterTest {
    private static final UUID ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final ImageOptions OPTIONS =
            new ImageOptions(ID, "arc", 1_700_000_000L, List.of(DeviceSlot.of("device", 1L << 30)));

    @TempDir(factory = InMemory.class)
    Path directory;

    private ErofsImage write(MemoryTree tree) throws IOException {
        return write(tree, OPTIONS);
    }

    private ErofsImage write(MemoryTree tree, ImageOptions options) throws IOException {
        Path file = directory.resolve("image" + System.nanoTime());
        WrittenImage written = ImageWriter.write(tree, options, file);
        assertThat(Files.size(file)).isEqualTo(written.lengthBytes());
        return ErofsImage.open(file);
    }

    private static Inode find(ErofsImage image, String path) throws IOException {
        long nid = image.rootNid();
        for (String name : path.split("/")) {
            nid = image.lookup(nid, name.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(nid).as(path).isNotEqualTo(ErofsImage.ABSENT);
        }
        return image.inode(nid);
    }

    private static List<String> names(ErofsImage image, long nid) throws IOException {
        List<String> names = new ArrayList<>();
        image.list(nid, (name, _, _) -> names.add(new String(name, StandardCharsets.ISO_8859_1)));
        return names;
    }

    @Test
    void attributesSurvive() throws IOException {
        MemoryTree tree = new MemoryTree();
        MemoryTree.Node file = tree.file(tree.root, "f", 5, 17);
        file.mode = 0x8000 | 06755;
        file.uid = 0xFFFF_FFFEL;
        file.gid = 70_000;
        file.inode = 0xFFFF_FFFFL;
        file.mtimeSeconds = -1;
        file.mtimeNanos = 999_999_999;
        MemoryTree.Node device = tree.link(tree.root, "dev", tree.node(0x6000 | 0600));
        device.rdev = 0x7FF0_03FF;

        ErofsImage image = write(tree);

        assertThat(find(image, "f"))
                .isEqualTo(
                        new Inode(
                                find(image, "f").nid(),
                                0xFFFF_FFFFL,
                                0x8000 | 06755,
                                5,
                                1,
                                0xFFFF_FFFEL,
                                70_000,
                                0,
                                -1,
                                999_999_999,
                                DataLayout.CHUNK_BASED));
        assertThat(find(image, "dev").rdev()).isEqualTo(0x7FF0_03FF);
        assertThat(image.superBlock().uuid()).isEqualTo(ID);
        assertThat(image.superBlock().volumeName()).isEqualTo("arc");
    }

    @Test
    void namesSortByUnsignedBytesAroundDots() throws IOException {
        MemoryTree tree = new MemoryTree();
        List<String> names =
                new ArrayList<>(
                        List.of(
                                "!",
                                "-",
                                ".a",
                                "..a",
                                "...",
                                "/".replace('/', '0'),
                                "\u00ff",
                                "a"));
        for (String name : names) {
            tree.file(tree.root, name, 0, 0);
        }
        ErofsImage image = write(tree);

        names.sort((left, right) ->
                Arrays.compareUnsigned(
                        left.getBytes(StandardCharsets.ISO_8859_1),
                        right.getBytes(StandardCharsets.ISO_8859_1)));
        assertThat(names(image, image.rootNid())).isEqualTo(names);
        for (String name : names) {
            assertThat(find(image, name).isRegular()).isTrue();
        }
        assertThat(image.lookup(image.rootNid(), new byte[] {'.'})).isEqualTo(image.rootNid());
        assertThat(image.lookup(image.rootNid(), new byte[] {'.', '.'})).isEqualTo(image.rootNid());
    }

    @Test
    void sameTreeInAnyOrderGivesSameBytes() throws IOException {
        byte[][] written = new byte[2][];
        for (int run = 0; run < 2; run++) {
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                order.add(i);
            }
            Collections.shuffle(order, new Random(run));
            MemoryTree tree = new MemoryTree();
            for (int i : order) {
                MemoryTree.Node sub = tree.directory(tree.root, "d" + i % 7 + "-" + i);
                tree.file(sub, "f", i, i).xattr("user.b", "x").xattr("user.a", "y" + i);
            }
            Path file = directory.resolve("run" + run);
            ImageWriter.write(tree, OPTIONS, file);
            written[run] = Files.readAllBytes(file);
        }
        assertThat(written[0]).isEqualTo(written[1]);
    }

    @Test
    void hardLinksAreOneInode() throws IOException {
        MemoryTree tree = new MemoryTree();
        MemoryTree.Node link = tree.symlink(tree.root, "a", "target");
        MemoryTree.Node sub = tree.directory(tree.root, "sub");
        tree.link(sub, "b", link);
        tree.link(sub, "c", link);

        ErofsImage image = write(tree);

        assertThat(find(image, "a").nlink()).isEqualTo(3);
        assertThat(find(image, "sub/b").nid()).isEqualTo(find(image, "a").nid());
        assertThat(image.inode(image.rootNid()).nlink()).isEqualTo(3);
        assertThat(find(image, "sub").nlink()).isEqualTo(2);
    }

    @Test
    void xattrsSurvive() throws IOException {
        MemoryTree tree = new MemoryTree();
        MemoryTree.Node file = tree.file(tree.root, "f", 0, 0);
        file.xattr("user.x", "").xattr("trusted.overlay.opaque", "y");
        file.xattr("security.selinux", "z".repeat(65535));
        file.xattr("system.posix_acl_access", "acl");
        tree.file(tree.root, "g", 0, 0);

        ErofsImage image = write(tree);

        long nid = find(image, "f").nid();
        assertThat(image.xattrs(nid)).hasSize(4);
        file.xattrs.forEach((name, value) -> {
            try {
                assertThat(image.xattr(nid, name.getBytes(StandardCharsets.UTF_8)))
                        .isEqualTo(value);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(image.xattr(nid, "user.y".getBytes(StandardCharsets.UTF_8))).isNull();
        assertThat(image.xattrs(find(image, "g").nid())).isEmpty();
    }

    @Test
    void chunksAndHolesBecomeExtents() throws IOException {
        MemoryTree tree = new MemoryTree();
        MemoryTree.Node file = tree.file(tree.root, "f", (4L << 22) + 10, 0);
        file.chunks =
                new ChunkList(22, 1, new long[] {100, 1124, ChunkList.HOLE, ChunkList.HOLE, 5000});
        ErofsImage image = write(tree);
        long nid = find(image, "f").nid();

        assertThat(image.extentAt(nid, 5))
                .isEqualTo(new Extent.Mapped(1, 100 * 4096 + 5, (2L << 22) - 5));
        assertThat(image.extentAt(nid, 2L << 22)).isEqualTo(new Extent.Hole(2L << 22));
        assertThat(image.extentAt(nid, 4L << 22)).isEqualTo(new Extent.Mapped(1, 5000 * 4096, 10));
        assertThat(image.chunks(nid).blocks()).isEqualTo(file.chunks.blocks());
        assertThat(image.chunks(nid).deviceId()).isEqualTo(1);
    }

    @Test
    void directoriesAndSymlinksOfManySizesSurvive() throws IOException {
        MemoryTree tree = new MemoryTree();
        Random random = new Random(4);
        List<List<String>> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            MemoryTree.Node sub = tree.directory(tree.root, "d%03d".formatted(i));
            if (i % 3 == 0) {
                sub.xattr("user.fill", "v".repeat(random.nextInt(9000)));
            }
            List<String> names = new ArrayList<>();
            int count = random.nextInt(i % 10 == 0 ? 600 : 60);
            for (int n = 0; n < count; n++) {
                names.add("%04d".formatted(n) + "n".repeat(random.nextInt(252)));
                tree.file(sub, names.getLast(), 0, 0);
            }
            expected.add(names);
            tree.symlink(tree.root, "l%03d".formatted(i), "t".repeat(1 + random.nextInt(4095)));
        }
        ErofsImage image = write(tree);
        for (int i = 0; i < 200; i++) {
            Inode sub = find(image, "d%03d".formatted(i));
            assertThat(names(image, sub.nid())).isEqualTo(expected.get(i));
            for (String name : expected.get(i)) {
                assertThat(find(image, "d%03d/".formatted(i) + name).isRegular()).isTrue();
            }
            Inode link = find(image, "l%03d".formatted(i));
            assertThat(image.symlinkTarget(link.nid())).hasSize((int) link.size());
        }
    }

    @Test
    void manyDevicesMoveTheMetadataBlock() throws IOException {
        MemoryTree tree = new MemoryTree();
        MemoryTree.Node file = tree.file(tree.root, "f", 4096, 9);
        file.chunks = new ChunkList(22, 60_000, new long[] {9});
        ImageOptions options =
                new ImageOptions(
                        ID, "", 0, Collections.nCopies(60_000, DeviceSlot.of("device", 10)));

        ErofsImage image = write(tree, options);

        assertThat(image.superBlock().metaBlock()).isPositive();
        assertThat(image.extentAt(find(image, "f").nid(), 0))
                .isEqualTo(new Extent.Mapped(60_000, 9 * 4096, 4096));
        assertThat(image.deviceSlots().get(1).unifiedBlock())
                .isEqualTo(image.superBlock().blocks() + 10);
    }

    @Test
    void whatCannotBeStoredIsRefusedAndLeavesNoFile() {
        Path file = directory.resolve("refused");
        refuse(file, tree -> tree.file(tree.root, "f", 0, 0).xattr("weird.x", "y"), "weird.x");
        refuse(file, tree -> tree.file(tree.root, "f", 0, 0).xattr("user.", "y"), "user.");
        refuse(file, tree -> tree.file(tree.root, "a/b", 0, 0), "a/b");
        refuse(file, tree -> tree.file(tree.root, "..", 0, 0), "..");
        refuse(file, tree -> tree.file(tree.root, "n".repeat(256), 0, 0), "256");
        refuse(file, tree -> tree.file(tree.root, "f", 4097, (1L << 30) - 1), "device");
        refuse(file, tree -> tree.link(tree.root, "again", tree.root), "two names");
        refuse(file, tree -> tree.symlink(tree.root, "l", ""), "0 bytes");
        refuse(file, tree -> tree.symlink(tree.root, "l", "a\0b"), "NUL");
        refuse(
                file,
                tree -> {
                    tree.file(tree.root, "twice", 0, 0);
                    tree.file(tree.root, "twice", 0, 0);
                },
                "twice");
        assertThat(file).doesNotExist();
    }

    private static void refuse(
            Path file, java.util.function.Consumer<MemoryTree> change, String reason) {
        MemoryTree tree = new MemoryTree();
        change.accept(tree);
        assertThatThrownBy(() -> ImageWriter.write(tree, OPTIONS, file))
                .isInstanceOf(UnwritableTreeException.class)
                .hasMessageContaining(reason);
    }
}
