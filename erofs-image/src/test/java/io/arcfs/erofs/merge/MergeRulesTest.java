package io.arcfs.erofs.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.UnsupportedImageException;
import io.arcfs.erofs.kernel.InMemory;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.MemoryTree;
import io.arcfs.erofs.write.TreeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of merging one by one; {@link OverlayOracleTest} asks the kernel about the same. */
class MergeRulesTest {
    @TempDir(factory = InMemory.class)
    Path directory;

    static List<MergeCase> cases() {
        return MergeCase.ALL;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mergedViewShows(MergeCase one) throws IOException {
        ErofsImage merged = merge(images(one.stack()), MergeMode.BOTTOM);

        assertThat(files(merged)).isEqualTo(shown(one));
        assertThat(marks(merged)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mergingInStepsShowsTheSame(MergeCase one) throws IOException {
        List<ErofsImage> images = images(one.stack());
        for (int from = 1; from < images.size(); from++) {
            List<ErofsImage> steps = new ArrayList<>(images.subList(0, from));
            steps.add(merge(images.subList(from, images.size()), MergeMode.KEEP_MARKS));

            assertThat(files(merge(steps, MergeMode.BOTTOM)))
                    .as("from layer %d", from)
                    .isEqualTo(shown(one));
        }
    }

    @Test
    void keptOriginsAreThoseOfTheOldestContributor() throws IOException {
        List<ErofsImage> images =
                images(
                        new MergeCase(
                                        "",
                                        List.of(
                                                "/b>/a /m/ !/o /s/",
                                                "/c>/b -/b /m/f /o/f /s/f -/gone",
                                                "/n/f !/s"),
                                        "")
                                .stack());
        ErofsImage kept = merge(images, MergeMode.KEEP_MARKS);

        assertThat(marks(kept))
                .containsExactly(
                        "/ trusted.overlay.origin=",
                        "/c trusted.overlay.redirect=/a",
                        "/o trusted.overlay.opaque=y",
                        "/s trusted.overlay.opaque=y");
        assertThat(files(kept)).contains("/b whiteout", "/gone whiteout");
    }

    @Test
    void redirectsThatKernelsRefuseAreRefused() throws IOException {
        for (String bad : List.of("", "/", "/a//b", "/a/", "a/b", "/a/../b", ".", "/a\0b")) {
            MemoryTree lower = new MemoryTree();
            lower.directory(lower.root, "d");
            MemoryTree upper = new MemoryTree();
            upper.directory(upper.root, "d").xattr("trusted.overlay.redirect", bad);
            List<ErofsImage> images = images(List.of(lower, upper));

            assertThatThrownBy(() -> merge(images, MergeMode.BOTTOM))
                    .as(bad)
                    .isInstanceOf(CorruptImageException.class)
                    .hasMessageContaining("redirect");
        }
    }

    @Test
    void metacopyIsRefusedByName() throws IOException {
        MemoryTree tree = new MemoryTree();
        tree.file(tree.root, "f", 0, 0).xattr("trusted.overlay.metacopy", "");
        List<ErofsImage> images = images(List.of(tree));

        assertThatThrownBy(() -> merge(images, MergeMode.BOTTOM))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("metacopy");
    }

    /** Two redirects to one directory per layer: twice as many directories with every layer. */
    @Test
    void redirectsThatMultiplyTheTreeAreRefused() throws IOException {
        List<MemoryTree> stack = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            MemoryTree tree = new MemoryTree();
            MemoryTree.Node r = tree.directory(tree.root, "r");
            tree.directory(r, "a").xattr("trusted.overlay.redirect", "/r");
            tree.directory(r, "b").xattr("trusted.overlay.redirect", "/r");
            stack.add(tree);
        }
        List<ErofsImage> images = images(stack);

        assertThatThrownBy(() -> merge(images, MergeMode.BOTTOM))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("multiply");
    }

    @Test
    void linksStayTogetherWithinALayerAndCountVisibleNames() throws IOException {
        MemoryTree lower = new MemoryTree();
        MemoryTree.Node fifo = lower.node(0x1000 | 0600);
        fifo.inode = 4711;
        lower.link(lower.root, "a", fifo);
        lower.link(lower.root, "b", fifo);
        lower.link(lower.root, "c", fifo);
        MemoryTree upper = new MemoryTree();
        upper.whiteout(upper.root, "b");

        ErofsImage merged = merge(images(List.of(lower, upper)), MergeMode.BOTTOM);

        long a = merged.lookup(merged.rootNid(), new byte[] {'a'});
        assertThat(merged.lookup(merged.rootNid(), new byte[] {'c'})).isEqualTo(a);
        assertThat(merged.inode(a).nlink()).isEqualTo(2);
        assertThat(merged.inode(a).number()).isEqualTo(4711);
    }

    @Test
    void oneDeviceSlotPerTagAndAddressesStay() throws IOException {
        List<ErofsImage> images = new ArrayList<>();
        for (String tag : List.of("one", "two", "one")) {
            MemoryTree tree = new MemoryTree();
            MemoryTree.Node file = tree.file(tree.root, tag + images.size(), 4L << 22, 0);
            file.chunks = new ChunkList(22, 2, new long[] {10, ChunkList.HOLE, 5000, 7});
            images.add(
                    write(
                            tree,
                            List.of(
                                    DeviceSlot.of("", 9),
                                    DeviceSlot.of(tag, 10_000 + images.size()))));
        }
        MergedTree tree = MergedTree.of(images, MergeMode.BOTTOM);
        ErofsImage merged = write(tree, tree.deviceSlots());

        assertThat(tree.deviceSlots())
                .containsExactly(
                        DeviceSlot.of("", 9),
                        DeviceSlot.of("one", 10_002),
                        DeviceSlot.of("", 9),
                        DeviceSlot.of("two", 10_001),
                        DeviceSlot.of("", 9));
        for (String name : List.of("one0", "one2")) {
            ChunkList chunks =
                    merged.chunks(
                            merged.lookup(merged.rootNid(), name.getBytes(StandardCharsets.UTF_8)));
            assertThat(chunks.deviceId()).isEqualTo(2);
            assertThat(chunks.blocks()).containsExactly(10, ChunkList.HOLE, 5000, 7);
        }
    }

    private static Set<String> shown(MergeCase one) {
        Set<String> shown = new TreeSet<>(Arrays.asList(one.shown().split(" ")));
        shown.remove("");
        return shown;
    }

    /** Files with the layer that their size tells, and whiteouts. */
    private static Set<String> files(ErofsImage image) throws IOException {
        Set<String> files = new TreeSet<>();
        visit(
                image,
                image.rootNid(),
                "",
                (path, inode) -> {
                    if (inode.isWhiteout()) {
                        files.add(path + " whiteout");
                    } else if (inode.isRegular()) {
                        files.add(path + "@" + (inode.size() - 1));
                    }
                });
        return files;
    }

    private static List<String> marks(ErofsImage image) throws IOException {
        List<String> marks = new ArrayList<>();
        visit(
                image,
                image.rootNid(),
                "",
                (path, inode) -> {
                    for (var xattr : image.xattrs(inode.nid())) {
                        marks.add(
                                (path.isEmpty() ? "/" : path)
                                        + " "
                                        + new String(xattr.name(), StandardCharsets.UTF_8)
                                        + "="
                                        + new String(xattr.value(), StandardCharsets.UTF_8));
                    }
                });
        return marks;
    }

    private interface Visitor {
        void visit(String path, Inode inode) throws IOException;
    }

    private static void visit(ErofsImage image, long nid, String path, Visitor visitor)
            throws IOException {
        Inode inode = image.inode(nid);
        visitor.visit(path, inode);
        if (inode.isDirectory()) {
            image.list(
                    nid,
                    (name, child, _) ->
                            visit(
                                    image,
                                    child,
                                    path + "/" + new String(name, StandardCharsets.UTF_8),
                                    visitor));
        }
    }

    private ErofsImage merge(List<ErofsImage> images, MergeMode mode) throws IOException {
        MergedTree tree = MergedTree.of(images, mode);
        return write(tree, tree.deviceSlots());
    }

    private List<ErofsImage> images(List<MemoryTree> stack) throws IOException {
        List<ErofsImage> images = new ArrayList<>();
        for (MemoryTree tree : stack) {
            images.add(write(tree, List.of()));
        }
        return images;
    }

    private ErofsImage write(TreeSource tree, List<DeviceSlot> devices) throws IOException {
        Path file = directory.resolve("image" + System.nanoTime());
        ImageWriter.write(tree, new ImageOptions(new UUID(0, 1), "", 0, devices), file);
        return ErofsImage.open(file);
    }
}
