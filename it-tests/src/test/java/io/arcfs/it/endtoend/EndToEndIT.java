package io.arcfs.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.it.kit.ArchivedStack;
import io.arcfs.it.kit.Aspect;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.KernelImages;
import io.arcfs.it.kit.LayerWatch;
import io.arcfs.it.kit.MadeTree;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.it.kit.TreeComparison;
import io.arcfs.it.kit.TreeSnapshot;
import io.arcfs.it.kit.Twin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The spine: real files of this machine and a made tree go in with {@code cp -a} while rounds
 * happen, everything goes to the cold medium and comes back, and the kernel reads the same archive
 * without arcfs.
 */
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE, Capability.LOOP, Capability.EROFS, Capability.OVERLAYFS})
class EndToEndIT {
    private static final long SEED = 20_260_101;
    private static final long OBJECT_BYTES = 252 * 1024;
    private static final long REAL_BYTES_LIMIT = 500L << 20;

    private final Path work = Scratch.directory("e2e");

    @AfterEach
    void deleteWork() {
        Scratch.delete(work);
    }

    @Test
    void realFilesGoColdAndComeBackAndTheKernelAgrees() throws Exception {
        Path mirror = Files.createDirectory(work.resolve("mirror"));
        copyRealFiles(mirror);
        MadeTree.make(mirror.resolve("made"), SEED, 200L << 20, 3000);
        // The jnr transport refuses ACLs: libfuse 2.9 cannot have the kernel enforce them.
        Command.of("setfacl", "-R", "-P", "-b", mirror.resolve("made")).succeed();

        try (TestVolume volume = TestVolume.makeAndMount("--threshold", "64M")) {
            try (LayerWatch watch = LayerWatch.of(volume)) {
                Command.Outcome copied =
                        Command.of("cp", "-a", mirror + "/.", volume.mountPoint()).succeed();
                assertThat(copied.err()).as("warnings of cp -a").isEmpty();
                assertThat(watch.mostLayers()).as("layers while copying").isGreaterThanOrEqualTo(3);
            }
            TreeComparison.assertSame(
                    "after cp -a, without contents",
                    TreeSnapshot.list(mirror),
                    TreeSnapshot.list(volume.mountPoint()),
                    Aspect.copied());

            edit(new Twin(mirror, volume.mountPoint()));
            TreeSnapshot expected = TreeSnapshot.read(mirror);

            volume.arc("archive");
            volume.arc("merge");
            volume.arc("flush");
            volume.arc("evict");
            assertEverythingIsCold(volume);

            long objectsBefore = objectsRead(volume);
            long headBytes = volume.status().at("/ssd/headBytes").asLong();
            TreeSnapshot recalled = TreeSnapshot.read(volume.mountPoint());
            TreeComparison.assertSame("recalled", expected, recalled, Aspect.copied());
            assertThat(objectsRead(volume) - objectsBefore)
                    .as("objects read from the cold medium, but for the heads that are kept")
                    .isGreaterThanOrEqualTo((expected.dataBytes() - headBytes) / OBJECT_BYTES);
            assertStatusTells(volume, expected);

            volume.unmount();
            volume.mount();
            TreeSnapshot remounted = TreeSnapshot.read(volume.mountPoint());
            TreeComparison.assertSame("mounted again", expected, remounted, Aspect.copied());

            kernelReadsTheStack(volume, remounted);
            kernelReadsTheOneImage(volume, remounted);
        }
    }

    private void kernelReadsTheStack(TestVolume volume, TreeSnapshot mount) throws IOException {
        Path into = Files.createDirectory(work.resolve("stack"));
        ArchivedStack stack = ArchivedStack.of(volume, into);
        stack.assertEachImageIsSound(volume.arc(), into);
        stack.assertKernelAgrees("before merge --all", mount);
        Command.of("rm", "-r", "--", into).succeed();
    }

    private void kernelReadsTheOneImage(TestVolume volume, TreeSnapshot mount) throws IOException {
        volume.arc("merge", "--all");
        assertThat(volume.archivedLayers()).as("layers after merge --all").hasSize(1);
        Path into = Files.createDirectory(work.resolve("one"));
        ArchivedStack one = ArchivedStack.of(volume, into);
        one.assertEachImageIsSound(volume.arc(), into);
        try (KernelImages kernel = KernelImages.over(one.device())) {
            TreeSnapshot image =
                    TreeSnapshot.read(kernel.mount(one.images().getFirst()))
                            .withoutXattrs(name -> name.startsWith("trusted.arcfs."));
            TreeComparison.assertSame("the one image", mount, image, Aspect.copied());
        }
        TreeComparison.assertSame(
                "mount after merge --all",
                mount,
                TreeSnapshot.read(volume.mountPoint()),
                Aspect.copied());
    }

    /** As many of the machine's files as the limit allows, at least one known folder. */
    private void copyRealFiles(Path mirror) throws IOException {
        long total = 0;
        int taken = 0;
        List<Path> candidates =
                new ArrayList<>(List.of(Path.of("/usr/share/zoneinfo"), Path.of("/usr/share/doc")));
        try (Stream<Path> jvms =
                Files.isDirectory(Path.of("/usr/lib/jvm"))
                        ? Files.list(Path.of("/usr/lib/jvm"))
                        : Stream.empty()) {
            jvms.filter(path -> !Files.isSymbolicLink(path)).sorted().forEach(candidates::add);
        }
        for (Path folder : candidates) {
            if (Files.isDirectory(folder)) {
                String size = Command.of("du", "-sb", folder).succeed().out().split("\\s", -1)[0];
                if (total + Long.parseLong(size) <= REAL_BYTES_LIMIT) {
                    Command.of("cp", "-a", folder, mirror).succeed();
                    total += Long.parseLong(size);
                    taken++;
                }
            }
        }
        assertThat(taken).as("real folders of this machine to copy").isPositive();
    }

    /** Renames, deletes, appends: to archived files and folders for the greatest part. */
    private static void edit(Twin twin) throws IOException {
        Random random = new Random(SEED);
        twin.rename("made/small", "made/small moved");
        twin.rename("made/small moved/03", "made/taken out");
        twin.makeDirectory("made/small");
        twin.write("made/small/new in the old name", Twin.content(random, 5000));
        twin.deleteTree("made/small moved/05");
        twin.deleteTree("made/modes");
        twin.makeDirectory("made/modes");
        twin.write("made/modes/only this", Twin.content(random, 10));
        twin.delete("made/one-byte");
        twin.delete("made/links/b");
        twin.rename("made/empty", "made/taken out/empty");
        twin.rename("made/sizes/4097", "made/sizes/4095");
        twin.append("made/big.bin", Twin.content(random, 3 << 20));
        twin.append("made/sizes/4096", Twin.content(random, 1));
        twin.append("made/sizes/" + (4 << 20), Twin.content(random, 4097));
        twin.append("made/links/sub/c", Twin.content(random, 70_000));
        twin.append("made/sparse/hole-last", Twin.content(random, 10_000));
        twin.link("made/sizes/" + (9 << 20), "made/second name");
        List<Path> tops;
        try (Stream<Path> list = Files.list(twin.mirror())) {
            tops = list.filter(path -> !path.endsWith("made")).sorted().toList();
        }
        String first = String.valueOf(tops.getFirst().getFileName());
        twin.rename(first, "renamed " + first);
    }

    private static void assertEverythingIsCold(TestVolume volume) {
        JsonNode status = volume.status();
        assertThat(status.at("/containers/staged").asLong(-1)).as("staged").isZero();
        assertThat(status.at("/containers/evicted").asLong(-1)).as("evicted").isPositive();
        assertThat(status.at("/upper/bytes").asLong(-1)).as("bytes in the upper").isZero();
    }

    private static long objectsRead(TestVolume volume) {
        long objects = 0;
        for (JsonNode medium : volume.status().path("cold")) {
            objects += medium.path("objectsRead").asLong();
        }
        return objects;
    }

    private static void assertStatusTells(TestVolume volume, TreeSnapshot tree) {
        String text = volume.arc("status").out();
        assertThat(text).contains(volume.mountPoint().toString());
        assertThat(text).contains("arc_00");
        JsonNode status = volume.status();
        // The default medium of a test volume shares the SSD's file system: status has to say so.
        assertThat(status.path("problems"))
                .as("problems")
                .singleElement()
                .satisfies(problem -> assertThat(problem.asText()).contains("own file system"));
        assertThat(status.at("/recall/bytes").asLong() + status.at("/ssd/headBytes").asLong())
                .as("bytes recalled, and heads that never went")
                .isGreaterThanOrEqualTo(tree.dataBytes());
        long archived = 0;
        for (JsonNode layer : status.path("layers")) {
            archived += layer.path("dataBytes").asLong();
        }
        assertThat(archived).as("bytes in layers").isGreaterThanOrEqualTo(tree.dataBytes());
    }
}
