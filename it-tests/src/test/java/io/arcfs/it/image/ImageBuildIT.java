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
import java.io.RandomAccessFile;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code arc image build}: what the kernel shows of the image is the directory. */
@Tag("root")
@Needs({Capability.ROOT, Capability.LOOP, Capability.EROFS})
class ImageBuildIT {
    private static final int MIB = 1 << 20;
    private static final String UUID = "8d0a8a5e-6f3b-4b53-9c55-5a6b7b1f2f11";

    private final ArcCli arc = ArcCli.ofThisProject();
    private final Path work = Scratch.directory("build");
    private final Path tree = work.resolve("tree");
    private final Path meta = work.resolve("meta");
    private final Path blob = work.resolve("blob");

    @AfterEach
    void deleteWork() {
        Scratch.delete(work);
    }

    @Test
    void imageWithBlobShowsTheSource() throws IOException {
        MadeTree.make(tree, 1, 70L * MIB, 300);
        arc.succeed("image", "build", tree, meta, "--blob", blob);

        assertThat(Files.size(blob) % 4096).isZero();
        assertShows(meta, blob);
        arc.succeed("image", "check", meta, "--device", blob);
        Command.Outcome fsck = Command.of("fsck.erofs", "-d3", "--device=" + blob, meta).succeed();
        assertThat(fsck.out() + fsck.err()).contains("No error").doesNotContain("<E>");
    }

    @Test
    void imageThatHoldsItsDataShowsTheSource() throws IOException {
        MadeTree.make(tree, 2, 9L * MIB, 300);
        arc.succeed("image", "build", tree, meta);

        assertShows(meta);
        arc.succeed("image", "check", meta);
        Path extracted = work.resolve("extracted");
        arc.succeed("image", "extract", meta, extracted);
        compare("extracted", extracted);
    }

    @Test
    void sameTreeGivesTheSameBytes() throws IOException {
        MadeTree.make(tree, 3, 20L * MIB, 400);
        for (String run : new String[] {"1", "2"}) {
            arc.succeed(
                    "image",
                    "build",
                    "--uuid=" + UUID,
                    "--blob=" + blob + run,
                    tree,
                    Path.of(meta + run));
            arc.succeed("image", "build", "--uuid=" + UUID, tree, Path.of(meta + "alone" + run));
        }
        Command.of("cmp", meta + "1", meta + "2").succeed();
        Command.of("cmp", blob + "1", blob + "2").succeed();
        Command.of("cmp", meta + "alone1", meta + "alone2").succeed();
    }

    @Test
    void zerosTakeNoRoomAndHolesOfAnySizeNoTime() throws IOException {
        Files.createDirectory(tree);
        Files.write(tree.resolve("written zeros"), new byte[9 * MIB]);
        Files.write(tree.resolve("small zeros"), new byte[5000]);
        try (RandomAccessFile sparse = new RandomAccessFile(tree.resolve("2TiB").toFile(), "rw")) {
            sparse.setLength(2L << 40);
            sparse.seek((1L << 40) + 17);
            sparse.write(42);
        }
        arc.succeed("image", "build", tree, meta, "--blob", blob);

        assertThat(Files.size(blob)).isEqualTo(4L * MIB);
        try (BuiltImages images = new BuiltImages()) {
            Path mounted = images.mount(meta, blob);
            Command.of("cmp", tree.resolve("written zeros"), mounted.resolve("written zeros"))
                    .succeed();
            Command.of("cmp", tree.resolve("small zeros"), mounted.resolve("small zeros"))
                    .succeed();
            for (Path file : new Path[] {tree.resolve("2TiB"), mounted.resolve("2TiB")}) {
                try (RandomAccessFile read = new RandomAccessFile(file.toFile(), "r")) {
                    assertThat(read.length()).isEqualTo(2L << 40);
                    read.seek((1L << 40) + 16);
                    assertThat(read.readShort()).isEqualTo((short) 42);
                }
            }
        }
    }

    /** Where the kernel copies by reference, the image's data takes no room beside the source's. */
    @Test
    @Needs(Capability.XFS)
    void dataIsSharedWithTheSourceWhereBlocksCanBe() throws IOException {
        try (BuiltImages images = new BuiltImages()) {
            Path disk = images.xfs(512L * MIB);
            Path source = Files.createDirectory(disk.resolve("tree"));
            byte[] content = new byte[96 * MIB + 5];
            new Random(7).nextBytes(content);
            Files.write(source.resolve("file"), content);
            Command.of("sync", "-f", disk).succeed();
            long usedBefore = used(disk);
            Path ours = disk.resolve("meta");
            Path data = disk.resolve("blob");
            arc.succeed("image", "build", source, ours, "--blob", data);
            Command.of("sync", "-f", disk).succeed();
            assertThat(Files.size(data)).isGreaterThan(96L * MIB);
            assertThat(used(disk) - usedBefore).isLessThan(8L * MIB);
            Path mounted = images.mount(ours, data);
            Command.of("cmp", source.resolve("file"), mounted.resolve("file")).succeed();
        }
    }

    private static long used(Path disk) throws IOException {
        FileStore store = Files.getFileStore(disk);
        return store.getTotalSpace() - store.getUnallocatedSpace();
    }

    @Test
    void existingFilesAreKeptAndFailuresLeaveNone() throws IOException {
        Files.createDirectory(tree);
        Files.writeString(tree.resolve("f"), "content");
        Files.writeString(meta, "precious");
        Command.Outcome refused = arc.run("image", "build", tree, meta, "--blob", blob);
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("exists already").hasLineCount(1);
        assertThat(meta).hasContent("precious");
        assertThat(blob).doesNotExist();

        Command.Outcome inside = arc.run("image", "build", tree, tree.resolve("image"));
        assertThat(inside.exit()).isEqualTo(1);
        assertThat(inside.err()).contains("lies in the directory").hasLineCount(1);

        Command.Outcome missing = arc.run("image", "build", work.resolve("none"), blob);
        assertThat(missing.exit()).isEqualTo(1);
        assertThat(missing.err()).contains("no such file or directory").hasLineCount(1);
        Command.Outcome noDirectory = arc.run("image", "build", meta, blob);
        assertThat(noDirectory.exit()).isEqualTo(1);
        assertThat(noDirectory.err()).contains("not a directory").hasLineCount(1);

        Command.Outcome nowhere = arc.run("image", "build", tree, work.resolve("no/where"));
        assertThat(nowhere.exit()).isEqualTo(1);
        try (Stream<Path> left = Files.list(work)) {
            assertThat(left).containsExactlyInAnyOrder(tree, meta);
        }
    }

    private void assertShows(Path image, Path... devices) throws IOException {
        try (BuiltImages images = new BuiltImages()) {
            compare("mounted", images.mount(image, devices));
        }
    }

    private void compare(String what, Path shown) {
        TreeComparison.assertSame(
                what, TreeSnapshot.read(tree), TreeSnapshot.read(shown), Aspect.copied());
    }
}
