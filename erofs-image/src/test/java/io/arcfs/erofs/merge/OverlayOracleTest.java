package io.arcfs.erofs.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.check.ImageChecker;
import io.arcfs.erofs.kernel.Capability;
import io.arcfs.erofs.kernel.ImageAsMounted;
import io.arcfs.erofs.kernel.InMemory;
import io.arcfs.erofs.kernel.KernelMounts;
import io.arcfs.erofs.kernel.MountListing;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.MemoryTree;
import io.arcfs.erofs.write.TreeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random stacks with marks of every kind, merged by us and stacked by kernel overlayfs. All layers
 * of all cases lie side by side in one image, so that the kernel mounts few things.
 */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OverlayOracleTest {
    private static final long SEED = Long.getLong("arcfs.seed", 20_261_121L);

    private Path directory;

    /** How many random stacks. */
    int randomCases() {
        return Integer.getInteger("arcfs.merge.cases", 50);
    }

    /** Seed of the first random stack. */
    long firstSeed() {
        return SEED;
    }

    /** A stack by its seed (negative: a hand-made one), and where its layers lie among all. */
    private record Case(
            long seed, List<MemoryTree> stack, List<ErofsImage> images, int firstLayer) {}

    private final List<Case> cases = new ArrayList<>();

    @BeforeAll
    void makeCases(@TempDir(factory = InMemory.class) Path shared) throws IOException {
        directory = shared;
        Capability.require(Capability.LOOP, Capability.EROFS, Capability.OVERLAYFS);
        for (MergeCase one : MergeCase.ALL) {
            add(-1 - cases.size(), one.stack());
        }
        int redirects = 0;
        for (int i = 0; i < randomCases(); i++) {
            RandomLayers random = new RandomLayers(firstSeed() + i);
            List<MemoryTree> stack = random.stack(2 + i % 5);
            while (showsADirectoryTwice(stack) && random.dropRedirect()) {
                // Redirects that show a directory twice: it has one place in the kernel's cache.
            }
            redirects += random.redirects();
            add(firstSeed() + i, stack);
        }
        assertThat(redirects).isGreaterThan(randomCases() * 2);
    }

    private void add(long seed, List<MemoryTree> stack) throws IOException {
        int layers = cases.stream().mapToInt(one -> one.stack.size()).sum();
        cases.add(new Case(seed, stack, images(stack), layers));
    }

    @Test
    void mergedStackIsWhatOverlayfsShows() throws IOException {
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path layers = mounts.erofs(sideBySide(), List.of());
            for (Case one : cases) {
                Map<String, String> shown = MountListing.of(mounts.overlay(lowers(layers, one)));
                mounts.unmountLast();
                Path merged = directory.resolve("merged" + one.seed);
                writeTo(MergedTree.of(one.images, MergeMode.BOTTOM), merged);
                ErofsImage image = ErofsImage.open(merged);
                assertThat(ImageAsMounted.of(image))
                        .as("seed %d", one.seed)
                        .containsExactlyEntriesOf(shown);
                // Link counts among them: an overlay's count hidden names, too.
                assertThat(ImageChecker.check(image, List.of())).as("seed %d", one.seed).isEmpty();
                assertThat(MountListing.of(mounts.erofs(merged, List.of())))
                        .as("seed %d", one.seed)
                        .containsExactlyEntriesOf(shown);
                mounts.unmountLast();
                mounts.unmountLast();
                Files.delete(merged);
            }
        }
    }

    /** The upper layers merged with marks kept, put over the lower ones: still the same view. */
    @Test
    void marksThatAreKeptGiveTheSameViewOverTheLowerLayers() throws IOException {
        for (Case one : cases) {
            List<ErofsImage> images = one.images;
            ErofsImage atOnce = write(MergedTree.of(images, MergeMode.BOTTOM));
            for (int from = 1; from < images.size(); from++) {
                for (int to = from + 1; to <= images.size(); to++) {
                    MergedTree middle =
                            MergedTree.of(images.subList(from, to), MergeMode.KEEP_MARKS);
                    List<ErofsImage> shorter = new ArrayList<>(images.subList(0, from));
                    shorter.add(write(middle));
                    shorter.addAll(images.subList(to, images.size()));
                    assertThat(ImageAsMounted.of(write(MergedTree.of(shorter, MergeMode.BOTTOM))))
                            .as("seed %d, layers %d to %d merged first", one.seed, from, to - 1)
                            .containsExactlyEntriesOf(ImageAsMounted.of(atOnce));
                }
            }
        }
    }

    /** What was merged with marks kept, and the layer below it, stacked by the kernel. */
    @Test
    void overlayfsShowsKeptMarksOverTheBottomAsTheWholeStack() throws IOException {
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path layers = mounts.erofs(sideBySide(), List.of());
            for (Case one : cases.subList(0, MergeCase.ALL.size() + randomCases() / 4)) {
                List<ErofsImage> images = one.images;
                ErofsImage atOnce = write(MergedTree.of(images, MergeMode.BOTTOM));
                Path kept = directory.resolve("kept" + one.seed);
                writeTo(
                        MergedTree.of(images.subList(1, images.size()), MergeMode.KEEP_MARKS),
                        kept);
                Path upper = mounts.erofs(kept, List.of());
                Path bottom = lowers(layers, one).getFirst();
                assertThat(MountListing.of(mounts.overlay(List.of(bottom, upper))))
                        .as("seed %d", one.seed)
                        .containsExactlyEntriesOf(ImageAsMounted.of(atOnce));
                mounts.unmountLast();
                mounts.unmountLast();
                mounts.unmountLast();
            }
        }
    }

    private Path sideBySide() throws IOException {
        List<MemoryTree> all = new ArrayList<>();
        cases.forEach(one -> all.addAll(one.stack));
        Path file = directory.resolve("side" + System.nanoTime());
        writeTo(new SideBySide(all), file);
        return file;
    }

    private static List<Path> lowers(Path layers, Case one) {
        List<Path> lowers = new ArrayList<>();
        for (int i = 0; i < one.stack.size(); i++) {
            lowers.add(layers.resolve("L" + (one.firstLayer + i)));
        }
        return lowers;
    }

    private boolean showsADirectoryTwice(List<MemoryTree> stack) throws IOException {
        MergedTree merged = MergedTree.of(images(stack), MergeMode.BOTTOM);
        write(merged);
        Set<Long> seen = new HashSet<>();
        return !merged.newestParts().stream().allMatch(seen::add);
    }

    private List<ErofsImage> images(List<MemoryTree> stack) throws IOException {
        List<ErofsImage> images = new ArrayList<>();
        for (MemoryTree layer : stack) {
            images.add(write(layer));
        }
        return images;
    }

    private ErofsImage write(TreeSource tree) throws IOException {
        Path file = directory.resolve("image" + System.nanoTime());
        writeTo(tree, file);
        ErofsImage image = ErofsImage.open(file);
        Files.delete(file);
        return image;
    }

    private static void writeTo(TreeSource tree, Path file) throws IOException {
        ImageWriter.write(tree, new ImageOptions(new UUID(0, 1), "", 0, List.of()), file);
    }
}
