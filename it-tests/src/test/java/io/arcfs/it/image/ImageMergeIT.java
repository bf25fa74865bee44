package io.arcfs.it.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.ArcCli;
import io.arcfs.it.kit.Aspect;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.MadeTree;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TreeComparison;
import io.arcfs.it.kit.TreeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@code arc image merge}: layers that a kernel overlay made, built and merged by the command, show
 * what the overlay showed.
 */
@Tag("root")
@Needs({Capability.ROOT, Capability.LOOP, Capability.EROFS, Capability.OVERLAYFS})
class ImageMergeIT {
    private final ArcCli arc = ArcCli.ofThisProject();
    private final Path work = Scratch.directory("merge");

    @AfterEach
    void deleteWork() {
        Scratch.delete(work);
    }

    @Test
    void mergedLayersShowWhatTheOverlayShows() throws IOException {
        List<Path> layers = new ArrayList<>();
        layers.add(work.resolve("layer0"));
        MadeTree.make(layers.getFirst(), 5, 9L << 20, 60);
        try (BuiltImages images = new BuiltImages()) {
            String[] edits = {
                "mv sizes moved; mkdir sizes; seq 4000 > sizes/new; rm -r small/03; rm big.bin",
                "mv moved moved-again; mv small/04 small/renamed; echo x >> links/a;"
                        + " rm -r xattrs; touch xattrs",
                "rm xattrs; mkdir xattrs; rm -r 'odd names'; mkdir 'odd names'; seq 9000 > seq;"
                        + " chmod 700 .; setfattr -n user.root -v yes ."
            };
            for (String edit : edits) {
                Path upper = Files.createDirectory(work.resolve("layer" + layers.size()));
                Path merged = images.overlay(layers, upper);
                Command.of("sh", "-ec", edit).in(merged).succeed();
                images.unmountLast();
                layers.add(upper);
            }
            // With blobs and without, so that devices and images mix.
            List<Path> metas = new ArrayList<>();
            List<Path> devices = new ArrayList<>();
            for (Path layer : layers) {
                Path meta = Path.of(layer + ".meta");
                Path blob = Path.of(layer + ".blob");
                boolean alone = layers.indexOf(layer) % 2 == 1;
                if (alone) {
                    arc.succeed("image", "build", layer, meta);
                } else {
                    arc.succeed("image", "build", layer, meta, "--blob", blob);
                }
                metas.add(meta);
                devices.add(alone ? meta : blob);
            }
            Path out = work.resolve("merged");
            String said =
                    arc.succeed(
                                    "image",
                                    "merge",
                                    out,
                                    metas.get(0),
                                    metas.get(1),
                                    metas.get(2),
                                    metas.get(3))
                            .out();
            assertThat(said)
                    .contains("4 devices")
                    .contains("device 1: device 1 of " + metas.get(0))
                    .contains("device 2: " + metas.get(1) + " itself");

            TreeSnapshot shown = TreeSnapshot.read(images.overlay(layers));
            Path mounted = images.mount(out, devices.toArray(new Path[0]));
            // Link counts of an overlay are those of the layers, and count hidden names.
            TreeComparison.assertSame(
                    "merged",
                    shown,
                    TreeSnapshot.read(mounted),
                    Aspect.copiedWithout(Aspect.LINKS));
            arc.succeed("image", "check", out);
            upperLayersMergedFirst(images, metas, devices, shown);
        }
    }

    /** The three upper layers as one, over the first, by us and by the kernel. */
    private void upperLayersMergedFirst(
            BuiltImages images, List<Path> metas, List<Path> devices, TreeSnapshot shown)
            throws IOException {
        Path upper = work.resolve("upper");
        arc.succeed(
                "image",
                "merge",
                "--keep-whiteouts",
                upper,
                metas.get(1),
                metas.get(2),
                metas.get(3));
        Path all = work.resolve("all");
        arc.succeed("image", "merge", all, metas.get(0), upper);
        TreeComparison.assertSame(
                "merged in steps",
                shown,
                TreeSnapshot.read(images.mount(all, devices.toArray(new Path[0]))),
                Aspect.copiedWithout(Aspect.LINKS));

        Path low = images.mount(metas.get(0), devices.get(0));
        Path high = images.mount(upper, devices.get(1), devices.get(2), devices.get(3));
        TreeComparison.assertSame(
                "upper layers merged, stacked by the kernel",
                shown,
                TreeSnapshot.read(images.overlay(List.of(low, high))),
                Aspect.copiedWithout(Aspect.LINKS));
    }

    @Test
    void badInputIsNamedAndLeavesNoFile() throws IOException {
        Path tree = Files.createDirectory(work.resolve("tree"));
        Path good = work.resolve("good");
        arc.succeed("image", "build", tree, good);
        Path text = Files.writeString(work.resolve("text"), "no image");
        Path out = work.resolve("out");

        Command.Outcome refused = arc.run("image", "merge", out, good, text);
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("too short for a superblock").contains("text");
        assertThat(refused.err()).hasLineCount(1);
        assertThat(out).doesNotExist();

        assertThat(arc.run("image", "merge", out).exit()).isEqualTo(2);
        Command.Outcome exists = arc.run("image", "merge", good, good);
        assertThat(exists.err()).contains("exists already");
        assertThat(exists.exit()).isEqualTo(1);
    }
}
