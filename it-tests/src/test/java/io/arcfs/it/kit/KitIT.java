package io.arcfs.it.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Judges the judges: on the kernel's own file systems they agree, and see each planted fault. */
@Tag("root")
@Needs({Capability.ROOT, Capability.LOOP, Capability.EROFS, Capability.OVERLAYFS})
class KitIT {
    private final Path work = Scratch.directory("kit");
    private final Path source = work.resolve("source");
    private final Path copy = work.resolve("copy");

    @BeforeEach
    void makeTwoEqualTrees() throws IOException {
        MadeTree.make(source, 7, 3 << 20, 100);
        Command.of("cp", "-a", source, copy).succeed();
    }

    @AfterEach
    void deleteThem() {
        Scratch.delete(work);
    }

    @Test
    void copyOfTheMadeTreeIsEqualInEverythingThatCanBeCopied() {
        TreeComparison.assertSame(
                "cp -a", TreeSnapshot.read(source), TreeSnapshot.read(copy), Aspect.copied());
    }

    @Test
    void equalSeedsMakeEqualTrees() throws IOException {
        Path again = work.resolve("again");
        MadeTree.make(again, 7, 3 << 20, 100);
        TreeComparison.assertSame(
                "made twice",
                TreeSnapshot.read(source),
                TreeSnapshot.read(again),
                Aspect.copiedWithout(Aspect.MTIME, Aspect.DIRECTORY_MTIME));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CONTENT | printf X | dd conv=notrunc bs=1 seek=70 of=sizes/4095 && touch -r"
                        + " ../source/sizes/4095 sizes/4095",
                "MTIME | touch -d '1970-01-01 00:00:00.000000001' small/00/file-0000 | cat",
                "DIRECTORY_MTIME | touch -d '2001-01-01' 'empty directory' | cat",
                "MODE | chmod u+x one-byte | cat",
                "OWNER | chown -h 5 special/loop | cat",
                "XATTRS | setfattr -x user.empty xattrs/file | cat",
                "XATTRS | setfacl -m u:7:r xattrs/acl | cat",
                "XATTRS | setfattr -n user.new -v 1 $(printf 'odd names/new\\nline') | cat",
                "LINKS | rm links/sub/c && touch -r ../source/links/sub links/sub | cat",
                "TARGET | ln -sfn else special/dangling | cat",
                "DEVICE | rm special/char && mknod special/char c 1 5 | cat",
                "SIZE | truncate -s 1 empty | cat",
                "TYPE | rm empty && mkdir empty | cat",
            })
    void plantedFaultIsSeen(Aspect aspect, String command, String more) {
        String script = "IFS=; " + command + " | " + more;
        Command.of("sh", "-c", script).in(copy).succeed();
        List<String> differences =
                TreeComparison.differences(
                        TreeSnapshot.read(source), TreeSnapshot.read(copy), Aspect.copied());
        assertThat(differences).anyMatch(line -> line.contains(aspect.name()));
    }

    @Test
    void brokenHardLinkIsSeenThoughEveryFileIsEqual() {
        Command.of(
                        "sh",
                        "-c",
                        "cp -a links/tiny t && mv t links/tiny && touch -r ../source/links links"
                                + " && touch -r ../source .")
                .in(copy)
                .succeed();
        assertThat(
                        TreeComparison.differences(
                                TreeSnapshot.read(source),
                                TreeSnapshot.read(copy),
                                Aspect.copied()))
                .isNotEmpty()
                .allMatch(line -> line.contains("LINK") || line.startsWith("(root)"));
    }

    @Test
    void missingAndExtraNamesAreSeen() {
        Command.of("sh", "-c", "rm -r special; touch extra").in(copy).succeed();
        assertThat(
                        TreeComparison.differences(
                                TreeSnapshot.list(source),
                                TreeSnapshot.list(copy),
                                Aspect.copied()))
                .contains("special/fifo: missing", "extra: unexpected");
    }

    @Test
    void imageOfMkfsErofsEqualsItsSource() throws IOException {
        Path image = work.resolve("image");
        Path blob = Files.createFile(work.resolve("blob"));
        // mkfs.erofs 1.5 takes neither a path of 3000 bytes nor a name of 255.
        Command.of("rm", "-r", copy.resolve("deep")).succeed();
        Command.of("find", copy, "-depth", "-name", "?".repeat(255), "-exec", "rm", "-r", "{}", ";")
                .succeed();
        Command.of("mkfs.erofs", "--chunksize=4194304", "--blobdev=" + blob, image, copy).succeed();
        try (KernelImages kernel = KernelImages.over(blob)) {
            kernel.fsck(image);
            TreeComparison.assertSame(
                    "mkfs.erofs",
                    TreeSnapshot.read(copy),
                    TreeSnapshot.read(kernel.mount(image)),
                    Aspect.copied());
        }
    }

    @Test
    void kernelStackFollowsWhiteoutOpaqueAndRedirect() throws IOException {
        Path old = Files.createDirectory(work.resolve("old"));
        Path young = Files.createDirectory(work.resolve("young"));
        Path expected = Files.createDirectory(work.resolve("expected"));
        shell(old, "mkdir gone renamed again; echo 1 >gone/x; echo 2 >renamed/y; echo 3 >again/z");
        shell(old, "echo 4 >removed; echo 5 >kept");
        shell(
                young,
                "mknod gone c 0 0; mknod removed c 0 0; mknod renamed c 0 0; mkdir here again");
        shell(young, "setfattr -n trusted.overlay.redirect -v /renamed here");
        shell(young, "setfattr -n trusted.overlay.opaque -v y again; echo 6 >again/new");
        shell(expected, "mkdir here again; echo 2 >here/y; echo 5 >kept; echo 6 >again/new");
        Path blob = work.resolve("blob");
        Files.createFile(blob);
        Path oldImage = work.resolve("meta.0");
        Path youngImage = work.resolve("meta.1");
        Command.of("mkfs.erofs", oldImage, old).succeed();
        Command.of("mkfs.erofs", youngImage, young).succeed();
        try (KernelImages kernel = KernelImages.over(blob)) {
            Path stack = kernel.stack(List.of(kernel.mount(youngImage), kernel.mount(oldImage)));
            TreeComparison.assertSame(
                    "overlayfs",
                    TreeSnapshot.read(expected),
                    TreeSnapshot.read(stack),
                    Aspect.copiedWithout(Aspect.MTIME, Aspect.DIRECTORY_MTIME));
            Path alone = kernel.stack(List.of(kernel.mount(oldImage)));
            assertThat(TreeSnapshot.list(alone).paths()).contains("gone/x", "renamed/y");
        }
    }

    @Test
    void twoImagesMayShareOneDevice() throws IOException {
        Path blob = Files.createFile(work.resolve("blob"));
        Path image = work.resolve("image");
        Command.of(
                        "mkfs.erofs",
                        "--chunksize=4194304",
                        "--blobdev=" + blob,
                        image,
                        copy.resolve("sizes"))
                .succeed();
        Path second = Files.copy(image, work.resolve("image2"));
        try (KernelImages kernel = KernelImages.over(blob)) {
            TreeComparison.assertSame(
                    "two mounts over one loop device",
                    TreeSnapshot.read(kernel.mount(image)),
                    TreeSnapshot.read(kernel.mount(second)),
                    Aspect.copied());
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3"})
    void randomHistoriesKeepATwinEqual(long seed) throws IOException {
        Path left = Files.createDirectory(work.resolve("left"));
        Path right = Files.createDirectory(work.resolve("right"));
        EditHistory history = new EditHistory(new Twin(left, right), seed);
        history.makeChanges(120);
        assertThat(history.log()).hasSize(120);
        TreeComparison.assertSame(
                "twin with seed " + seed,
                TreeSnapshot.read(left),
                TreeSnapshot.read(right),
                Aspect.copied());
        assertThat(TreeSnapshot.list(left).size()).isGreaterThan(5);
    }

    private static void shell(Path directory, String script) {
        Command.of("sh", "-ec", script).in(directory).succeed();
    }
}
