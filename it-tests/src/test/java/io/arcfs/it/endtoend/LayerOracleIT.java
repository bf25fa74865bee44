package io.arcfs.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.ArchivedStack;
import io.arcfs.it.kit.Aspect;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.EditHistory;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.it.kit.TreeComparison;
import io.arcfs.it.kit.TreeSnapshot;
import io.arcfs.it.kit.Twin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Layers with whiteouts, opaque and renamed folders and link sets that change: after every round
 * the mount shows what a mirror on the machine's own file system shows, and kernel overlayfs over
 * the kernel's EROFS shows what the mount shows.
 */
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE, Capability.LOOP, Capability.EROFS, Capability.OVERLAYFS})
class LayerOracleIT {
    private static final Object[] SMALL = {"--size", "16G", "--threshold", "1G"};

    private final Path work = Scratch.directory("oracle");
    private final Path mirror = work.resolve("mirror");

    @AfterEach
    void deleteWork() {
        Scratch.delete(work);
    }

    @Test
    void marksOfEveryKindInFourLayersShowTheSame() throws IOException {
        Files.createDirectory(mirror);
        Random random = new Random(4);
        try (TestVolume volume = TestVolume.makeAndMount(SMALL)) {
            Twin twin = new Twin(mirror, volume.mountPoint());
            for (String folder : new String[] {"kept", "gone", "moved", "again", "deep"}) {
                twin.makeDirectory(folder);
                twin.write(folder + "/file", Twin.content(random, 3000));
                twin.makeDirectory(folder + "/sub");
                twin.write(folder + "/sub/file", Twin.content(random, 4097));
            }
            twin.write("set-a", Twin.content(random, 9000));
            twin.link("set-a", "set-b");
            twin.link("set-a", "kept/set-c");
            round(volume, "layer 00");

            twin.deleteTree("gone"); // whiteout
            twin.deleteTree("again"); // opaque
            twin.makeDirectory("again");
            twin.write("again/new", Twin.content(random, 10));
            twin.rename("moved", "kept/moved here"); // redirect
            twin.append("set-b", Twin.content(random, 5000)); // the whole link set travels
            round(volume, "layer 01");

            twin.rename("kept", "KEPT"); // a renamed folder holding a renamed folder
            twin.rename("KEPT/moved here/sub", "out");
            twin.makeDirectory("moved"); // an old name as a new folder
            twin.write("moved/unrelated", Twin.content(random, 10));
            twin.delete("set-a");
            twin.delete("again/new");
            twin.write("gone", Twin.content(random, 10)); // a folder's name as a file
            round(volume, "layer 02");

            twin.rename("KEPT", "first"); // mv a b; mv b c in one round
            twin.rename("first", "second");
            twin.makeDirectory("KEPT");
            twin.delete("gone");
            twin.makeDirectory("gone");
            twin.link("set-b", "gone/set-d");
            twin.setXattr("deep/sub", "touched", "only metadata");
            twin.chmod("second/file", "r--------");
            twin.delete("deep/file");
            twin.deleteTree("out");
            round(volume, "layer 03");
            assertThat(volume.archivedLayers()).as("layers before any merge").hasSize(4);

            volume.arc("merge", "--all");
            assertThat(volume.archivedLayers()).hasSize(1);
            compare(volume, "after merge --all");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void randomHistoriesShowTheSameAfterEveryRoundAndMerge(long seed) throws IOException {
        randomHistory(seed, 7, 40);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(longs = {101, 102, 103, 104, 105, 106, 107, 108})
    void longRandomHistoriesShowTheSame(long seed) throws IOException {
        randomHistory(seed, 24, 70);
    }

    private void randomHistory(long seed, int rounds, int changes) throws IOException {
        Files.createDirectory(mirror);
        try (TestVolume volume = TestVolume.makeAndMount(SMALL)) {
            EditHistory history = new EditHistory(new Twin(mirror, volume.mountPoint()), seed);
            try {
                for (int round = 0; round < rounds; round++) {
                    history.makeChanges(changes);
                    round(volume, "seed %d round %d".formatted(seed, round));
                    if (round % 3 == 2) {
                        volume.unmount();
                        volume.mount();
                        compare(volume, "seed %d round %d remounted".formatted(seed, round));
                    }
                }
                volume.arc("merge");
                compare(volume, "seed " + seed + " merged");
                volume.arc("merge", "--all");
                compare(volume, "seed " + seed + " merged into one");
            } catch (IOException | AssertionError e) {
                throw new AssertionError(
                        e.getMessage() + "\nchanges:\n" + String.join("\n", history.log()), e);
            }
        }
    }

    private void round(TestVolume volume, String when) throws IOException {
        TreeComparison.assertSame(
                when + ", before archive",
                TreeSnapshot.read(mirror),
                TreeSnapshot.read(volume.mountPoint()),
                Aspect.copied());
        volume.arc("archive");
        compare(volume, when);
    }

    private void compare(TestVolume volume, String when) throws IOException {
        TreeSnapshot mount = TreeSnapshot.read(volume.mountPoint());
        TreeComparison.assertSame(when, TreeSnapshot.read(mirror), mount, Aspect.copied());
        Path into = Files.createDirectory(work.resolve("stack"));
        ArchivedStack.of(volume, into).assertKernelAgrees(when, mount);
        Command.of("rm", "-r", "--", into).succeed();
    }
}
