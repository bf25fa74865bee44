package io.arcfs.erofs.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.check.ImageChecker;
import io.arcfs.erofs.kernel.Capability;
import io.arcfs.erofs.kernel.KernelMounts;
import io.arcfs.erofs.kernel.MountListing;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.MemoryTree;
import io.arcfs.erofs.write.TreeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the merge of erofs-utils 1.9.3 gets wrong beside the rules of overlays, which {@link
 * MergeCase} has: data, attributes, links and inputs.
 */
class UpstreamFaultsTest {
    private static final long CHUNK = 1L << MemoryTree.CHUNK_BITS;

    @TempDir Path directory;

    @Test
    void holesStayHolesAndOffsetsBeyond4GiBDoNotWrap() throws IOException {
        MemoryTree tree = new MemoryTree();
        MemoryTree.Node file = tree.file(tree.root, "huge", 9L << 30, 0);
        long[] blocks = new long[(int) (file.size / CHUNK)];
        Arrays.fill(blocks, ChunkList.HOLE);
        blocks[1024] = 4096; // at 4 GiB
        blocks[blocks.length - 1] = 0;
        file.chunks = new ChunkList(22, 1, blocks);
        tree.file(tree.root, "hole", 3 * CHUNK, 0).chunks =
                new ChunkList(22, 0, new long[] {-1, -1, -1});
        ErofsImage layer = image(tree, List.of(DeviceSlot.of("d", 1 << 20)));

        ErofsImage merged = merge(layer, image(new MemoryTree(), List.of()));

        assertThat(merged.chunks(nid(merged, "huge")).blocks()).containsExactly(blocks);
        assertThat(merged.chunks(nid(merged, "hole")).hasData()).isFalse();
    }

    @Test
    void rootKeepsTheNewestOwnerModeTimeAndXattrs() throws IOException {
        MemoryTree newest = new MemoryTree();
        newest.root.mode = 0x4000 | 01711;
        newest.root.uid = 70_000;
        newest.root.gid = 7;
        newest.root.mtimeSeconds = -5;
        newest.root.mtimeNanos = 999_999_999;
        newest.root.xattr("user.who", "me");

        ErofsImage merged = merge(image(new MemoryTree(), List.of()), image(newest, List.of()));

        Inode root = merged.inode(merged.rootNid());
        assertThat(root.mode()).isEqualTo(0x4000 | 01711);
        assertThat(root.uid()).isEqualTo(70_000);
        assertThat(root.gid()).isEqualTo(7);
        assertThat(root.mtimeSeconds()).isEqualTo(-5);
        assertThat(root.mtimeNanos()).isEqualTo(999_999_999);
        assertThat(merged.xattr(merged.rootNid(), "user.who".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("me".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void linksOfEveryTypeStayOneInode() throws IOException {
        MemoryTree tree = new MemoryTree();
        MemoryTree.Node sub = tree.directory(tree.root, "sub");
        MemoryTree.Node symlink = tree.symlink(tree.root, "symlink", "target");
        tree.link(sub, "symlink", symlink);
        for (int type : new int[] {0x1000, 0x2000, 0x6000, 0x8000, 0xC000}) {
            MemoryTree.Node node = tree.node(type | 0600);
            node.rdev = type == 0x2000 || type == 0x6000 ? 259 : 0;
            tree.link(tree.root, "t" + type, node);
            tree.link(sub, "t" + type, node);
        }
        ErofsImage merged = merge(image(tree, List.of()), image(new MemoryTree(), List.of()));

        long directoryNid = nid(merged, "sub");
        int[] compared = {0};
        merged.list(
                directoryNid,
                (name, nid, _) -> {
                    assertThat(merged.lookup(merged.rootNid(), name)).isEqualTo(nid);
                    assertThat(merged.inode(nid).nlink()).isEqualTo(2);
                    compared[0]++;
                });
        assertThat(compared[0]).isEqualTo(6);
    }

    @Test
    void mergedImagesMergeAgain() throws IOException {
        List<ErofsImage> layers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            MemoryTree tree = new MemoryTree();
            MemoryTree.Node sub = tree.directory(tree.root, "d");
            tree.file(sub, "f" + i, 2 * CHUNK, 10L * i);
            tree.file(tree.root, "same", 1 + i, i);
            layers.add(image(tree, List.of(DeviceSlot.of("device" + i, 1 << 20))));
        }
        ErofsImage atOnce = merge(layers.toArray(new ErofsImage[0]));
        ErofsImage low = merge(layers.get(0), layers.get(1), layers.get(2));
        ErofsImage high = merge(MergeMode.KEEP_MARKS, layers.get(3), layers.get(4));

        assertThat(Files.readAllBytes(Path.of(merge(low, high).name())))
                .isEqualTo(Files.readAllBytes(Path.of(atOnce.name())));
        assertThat(atOnce.deviceSlots()).hasSize(5);
        assertThat(ImageChecker.check(atOnce, List.of())).isEmpty();
    }

    /** Every name is looked up once: twice as many names take twice the time, not four times. */
    @Test
    void largeFlatDirectoriesMergeInBoundedTime() throws IOException {
        MemoryTree older = new MemoryTree();
        MemoryTree newer = new MemoryTree();
        for (int i = 0; i < 60_000; i++) {
            older.file(older.root, "f%06d".formatted(i), 0, 0);
            newer.file(newer.root, (i % 2 == 0 ? "f%06d" : "g%06d").formatted(i), 0, 0);
        }
        ErofsImage one = image(older, List.of());
        ErofsImage two = image(newer, List.of());

        ErofsImage merged = Assertions.assertTimeout(Duration.ofSeconds(30), () -> merge(one, two));
        assertThat(merged.superBlock().inodes()).isEqualTo(90_001);
    }

    /** Inputs with data in the image: tails behind inodes, blocks, chunks; beside a blob. */
    @Test
    @Tag("root")
    void inputsWithAndWithoutBlobsMixOnTheKernel() throws IOException {
        Capability.require(Capability.LOOP, Capability.EROFS, Capability.MKFS);
        Random random = new Random(7);
        List<List<String>> options =
                List.of(
                        List.of(), // tails inline, blocks in the image
                        List.of("-Enoinline_data"),
                        List.of("--chunksize=4096"), // a block map in the image
                        List.of("--chunksize=4096", "--blobdev="));
        List<ErofsImage> layers = new ArrayList<>();
        List<Path> devices = new ArrayList<>();
        for (int i = 0; i < options.size(); i++) {
            Path root = directory.resolve("tree" + i);
            Path tree = Files.createDirectories(root.resolve("d"));
            for (int f = 0; f < 30; f++) {
                byte[] content = new byte[f * 701 + i];
                random.nextBytes(content);
                Files.write(tree.resolve("f" + (f + 10 * i)), content);
            }
            Path meta = directory.resolve("meta" + i);
            Path blob = directory.resolve("blob" + i);
            List<String> command = new ArrayList<>(List.of("mkfs.erofs", "--quiet"));
            options.get(i).forEach(o -> command.add(o.endsWith("=") ? o + blob : o));
            command.add(meta.toString());
            command.add(root.toString());
            KernelMounts.run(command.toArray(new String[0]));
            layers.add(ErofsImage.open(meta));
            devices.add(Files.exists(blob) ? blob : meta);
        }
        Path last = devices.getLast();
        KernelMounts.run(
                "truncate", "--size=" + ((Files.size(last) + 4095) & -4096), last.toString());
        ErofsImage merged = merge(layers.toArray(new ErofsImage[0]));
        assertThat(merged.deviceSlots()).hasSize(4);
        ErofsImage again =
                merge(
                        merge(layers.get(0), layers.get(1)),
                        merge(MergeMode.KEEP_MARKS, layers.get(2), layers.get(3)));

        try (KernelMounts mounts = new KernelMounts(directory)) {
            for (ErofsImage image : List.of(merged, again)) {
                assertThat(ImageChecker.check(image, List.of())).isEmpty();
                Path mounted = mounts.erofs(Path.of(image.name()), devices);
                assertThat(MountListing.of(mounted)).hasSize(62);
                for (int f = 0; f < 60; f++) {
                    int layer = Math.min(3, f / 10);
                    assertThat(Files.readAllBytes(mounted.resolve("d/f" + f)))
                            .as("f%d of layer %d", f, layer)
                            .isEqualTo(
                                    Files.readAllBytes(
                                            directory.resolve("tree" + layer + "/d/f" + f)));
                }
            }
        }
    }

    /** Blocks of 1024 bytes beside blocks of 4096. */
    @Test
    @Tag("root")
    void blockSizesMixOnTheKernel() throws IOException {
        Capability.require(Capability.LOOP, Capability.EROFS);
        MemoryTree large = new MemoryTree();
        large.file(large.root, "large", 3 * 4096 + 9, 2);
        MemoryTree small = new MemoryTree();
        MemoryTree.Node file = small.file(small.root, "small", 3000, 0);
        file.chunks = new ChunkList(22, 1, new long[] {5});
        ErofsImage merged =
                merge(
                        write(large, List.of(DeviceSlot.of("large", 8)), 12),
                        write(small, List.of(DeviceSlot.of("small", 16)), 10));
        assertThat(merged.superBlock().blockBits()).isEqualTo(10);
        byte[] one = new byte[8 * 4096];
        byte[] two = new byte[16 * 1024];
        new Random(1).nextBytes(one);
        new Random(2).nextBytes(two);
        Path first = Files.write(directory.resolve("one"), one);
        Path second = Files.write(directory.resolve("two"), two);

        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(Path.of(merged.name()), List.of(first, second));
            assertThat(Files.readAllBytes(mounted.resolve("large")))
                    .isEqualTo(Arrays.copyOfRange(one, 2 * 4096, 5 * 4096 + 9));
            assertThat(Files.readAllBytes(mounted.resolve("small")))
                    .isEqualTo(Arrays.copyOfRange(two, 5 * 1024, 5 * 1024 + 3000));
        }
    }

    private static long nid(ErofsImage image, String name) throws IOException {
        return image.lookup(image.rootNid(), name.getBytes(StandardCharsets.UTF_8));
    }

    private ErofsImage merge(ErofsImage... oldestFirst) throws IOException {
        return merge(MergeMode.BOTTOM, oldestFirst);
    }

    private ErofsImage merge(MergeMode mode, ErofsImage... oldestFirst) throws IOException {
        MergedTree tree = MergedTree.of(List.of(oldestFirst), mode);
        return write(tree, tree.deviceSlots(), tree.blockBits());
    }

    private ErofsImage image(MemoryTree tree, List<DeviceSlot> devices) throws IOException {
        return write(tree, devices, ImageOptions.DEFAULT_BLOCK_BITS);
    }

    private ErofsImage write(TreeSource tree, List<DeviceSlot> devices, int blockBits)
            throws IOException {
        Path file = directory.resolve("image" + System.nanoTime());
        ImageWriter.write(
                tree, new ImageOptions(new UUID(0, 1), "", 0, 0, blockBits, devices), file);
        return ErofsImage.open(file);
    }
}
