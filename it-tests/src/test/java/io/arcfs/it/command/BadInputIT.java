package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.ArcCli;
import io.arcfs.it.kit.Aspect;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Mounts;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.it.kit.TreeComparison;
import io.arcfs.it.kit.TreeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What people hand the command by mistake: one line on stderr that begins with {@code arc: }, the
 * exit code of CLI.md, no stack trace, and nothing changed on disk.
 */
@Tag("fuse")
@Needs(Capability.FUSE)
class BadInputIT {
    private final ArcCli arc = ArcCli.ofThisProject().within(Duration.ofMinutes(2));
    private final Path work = Scratch.directory("bad");
    private final Path mountPoint = work.resolve("mnt");

    @BeforeEach
    void makeMountPoint() throws IOException {
        Files.createDirectory(mountPoint);
    }

    @AfterEach
    void deleteWork() {
        Scratch.sweep(work);
        Scratch.delete(work);
    }

    @Test
    void missingVolumeDirectoryIsNamed() {
        Path volume = work.resolve("no such volume");
        assertThat(refused(1, "mount", volume, mountPoint)).contains("no such volume");
        assertThat(refused(1, "status", volume)).contains("no such volume");
        assertThat(refused(1, "archive", volume)).contains("no such volume");
        assertThat(volume).doesNotExist();
    }

    @Test
    void mkfsRefusesANonEmptyDirectory() throws IOException {
        Path directory = Files.createDirectory(work.resolve("full"));
        Files.writeString(directory.resolve("mine"), "keep this");
        assertThat(refused(1, "mkfs", directory)).contains("full");
        assertThat(directory.resolve("mine")).hasContent("keep this");
    }

    @Test
    void mkfsRefusesAFile() throws IOException {
        Path file = Files.writeString(work.resolve("file"), "keep this");
        assertThat(refused(1, "mkfs", file)).contains("file");
    }

    @Test
    void emptyDirectoryIsNoVolume() throws IOException {
        Path directory = Files.createDirectory(work.resolve("empty"));
        assertThat(refused(1, "mount", directory, mountPoint)).contains("empty");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void mountPointHasToBeADirectoryThatIsThere() throws IOException {
        try (TestVolume volume = TestVolume.make()) {
            Path file = Files.writeString(work.resolve("a file"), "x");
            assertThat(refused(1, "mount", volume.volume(), file)).contains("a file");
            assertThat(refused(1, "mount", volume.volume(), work.resolve("missing")))
                    .contains("missing");
        }
    }

    @Test
    void mountPointInUseIsRefusedAndTheOtherMountGoesOn() throws IOException {
        try (TestVolume used = TestVolume.makeAndMount();
                TestVolume other = TestVolume.make()) {
            Files.writeString(used.mountPoint().resolve("file"), "there");
            assertThat(refused(1, "mount", other.volume(), used.mountPoint()))
                    .contains(used.mountPoint().toString());
            assertThat(used.mountPoint().resolve("file")).hasContent("there");
        }
    }

    @Test
    void openVolumeIsNotMountedTwice() throws IOException {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Files.writeString(volume.mountPoint().resolve("file"), "there");
            assertThat(refused(1, "mount", volume.volume(), mountPoint))
                    .contains(volume.volume().toString());
            assertThat(Mounts.isMounted(mountPoint)).isFalse();
            assertThat(volume.mountPoint().resolve("file")).hasContent("there");
        }
    }

    @Test
    void mkfsOverAVolumeIsRefused() {
        try (TestVolume volume = TestVolume.make()) {
            TreeSnapshot before = TreeSnapshot.read(volume.volume());
            refused(1, "mkfs", volume.volume());
            TreeComparison.assertSame(
                    "volume", before, TreeSnapshot.read(volume.volume()), Aspect.copied());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "42",
                "\"text\"",
                "{",
                "{} trailing",
                "{\"unknown\": 1}",
                "{\"formatVersion\": \"one\"}",
                "{'single': 1}",
                "{\"formatVersion\": 1e999}",
                "{\"formatVersion\": 1, \"formatVersion\": 1}",
                "not JSON at all"
            })
    void malformedDescriptorIsNamedAndLeftAlone(String content) throws IOException {
        try (TestVolume volume = TestVolume.make()) {
            Path descriptor = volume.volume().resolve("arc.json");
            Files.writeString(descriptor, content);
            assertDescriptorRefused(volume, "");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "\"formatVersion\", \"formatVersionn\", formatVersionn",
        "\"uuid\" : \", \"uuid\" : \"x, uuid",
        "\"copies\" : 1, \"copies\" : 0, copies",
        "\"copies\" : 1, \"copies\" : \"1\", copies",
        "\"copies\" : 1, \"copies\" : 1.5, copies",
        "475M, 10 gb, threshold",
        "475M, -1, threshold",
    })
    void wrongKeyIsNamed(String right, String wrong, String named) throws IOException {
        try (TestVolume volume = TestVolume.make()) {
            Path descriptor = volume.volume().resolve("arc.json");
            String text = Files.readString(descriptor);
            assertThat(text).as("the descriptor holds what this test changes").contains(right);
            Files.writeString(descriptor, text.replace(right, wrong));
            assertDescriptorRefused(volume, named);
        }
    }

    @Test
    void descriptorNestedTooDeepIsRefusedQuickly() throws IOException {
        try (TestVolume volume = TestVolume.make()) {
            Files.writeString(volume.volume().resolve("arc.json"), "{\"a\":".repeat(100_000) + "1");
            assertDescriptorRefused(volume, "");
        }
    }

    @Test
    void descriptorOfAnotherVersionIsNotTouched() throws IOException {
        try (TestVolume volume = TestVolume.make()) {
            Path descriptor = volume.volume().resolve("arc.json");
            String text = Files.readString(descriptor);
            Files.writeString(
                    descriptor,
                    text.replaceFirst("\"formatVersion\"\\s*:\\s*\\d+", "\"formatVersion\" : 999"));
            assertDescriptorRefused(volume, "999");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nosuchverb",
                "mkfs",
                "mkfs --nosuchoption VOLUME",
                "mkfs --threshold VOLUME",
                "mkfs VOLUME --threshold 10gb",
                "mkfs VOLUME --size -5",
                "mkfs VOLUME --copies two",
                "mount VOLUME",
                "mount VOLUME mnt extra",
                "mount VOLUME mnt -o nosuchoption",
                "mount VOLUME mnt -o fuse=quick",
                "umount",
                "archive",
                "device dump VOLUME",
                "device nosuch",
                "status --nosuch"
            })
    void wrongArgumentsExitWithTwo(String line) {
        Object[] words = line.replace("VOLUME", work.resolve("volume").toString()).split(" ", -1);
        refused(2, words);
        assertThat(work.resolve("volume")).doesNotExist();
    }

    @Test
    void mkfsWithImpossibleValuesMakesNothing() {
        Path volume = work.resolve("volume");
        assertThat(refusedAny("mkfs", volume, "--set", "nosuch.key=1")).contains("nosuch");
        assertThat(refusedAny("mkfs", volume, "--cold", "tapedeck:x")).contains("tapedeck");
        assertThat(refusedAny("mkfs", volume, "--copies", "3")).contains("copies");
        assertThat(refusedAny("mkfs", volume, "--size", "17T")).containsIgnoringCase("16");
        assertThat(volume).doesNotExist();
    }

    @Test
    void unmountOfSomethingThatIsNotOursIsRefused() {
        // A folder that nothing is mounted on: unmounting twice is success.
        assertThat(arc.succeed("umount", mountPoint).out()).contains("not mounted");
        refused(1, "umount", "/proc");
        assertThat(Mounts.isMounted(Path.of("/proc"))).isTrue();
    }

    @Test
    void helpIsNoError() {
        Command.Outcome help = arc.succeed("--help");
        assertThat(help.out()).contains("mkfs", "mount", "archive");
        assertThat(help.err()).isEmpty();
    }

    @Tag("root")
    @Needs({Capability.ROOT, Capability.FUSE})
    @Test
    void machineWithoutFuseDeviceIsToldSo() {
        try (TestVolume volume = TestVolume.make()) {
            // A mount namespace of its own, with something else over /dev/fuse.
            Command.Outcome outcome =
                    inNamespace(
                            "mkdir -p \"$3/dev\" && mount -t tmpfs none \"$3/dev\" && for n in null"
                                + " zero urandom random tty; do touch \"$3/dev/$n\"; mount --bind"
                                + " /dev/$n \"$3/dev/$n\"; done; mount --move \"$3/dev\" /dev && ",
                            volume);
            assertOneLine(1, outcome);
            assertThat(outcome.err()).contains("/dev/fuse");
            assertThat(Mounts.isMounted(volume.mountPoint())).isFalse();
        }
    }

    @Tag("root")
    @Needs({Capability.ROOT, Capability.FUSE})
    @Test
    void machineWithoutLibfuseIsToldSo() {
        try (TestVolume volume = TestVolume.make()) {
            // Every libfuse.so.2 of this machine hidden behind an empty file, in a mount namespace.
            Command.Outcome outcome =
                    inNamespace(
                            "for f in $(PATH=$PATH:/sbin:/usr/sbin ldconfig -p"
                                    + " | sed -n 's/.*libfuse.so.2 .*=> //p');"
                                    + " do mount --bind /dev/null \"$f\" || exit 99; done;"
                                    + " set -- \"$@\" -o fuse=jnr; ",
                            volume);
            assertOneLine(1, outcome);
            assertThat(outcome.err()).contains("libfuse");
            assertThat(Mounts.isMounted(volume.mountPoint())).isFalse();
        }
    }

    /** {@code arc mount} after some shell preparation that only it sees. */
    private Command.Outcome inNamespace(String preparation, TestVolume volume) {
        return Command.of(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "private",
                        "sh",
                        "-c",
                        preparation + "a=$1 b=$2; shift 3; exec \"$0\" mount \"$a\" \"$b\" \"$@\"",
                        arc.launcher(),
                        volume.volume(),
                        volume.mountPoint(),
                        work)
                .within(Duration.ofMinutes(2))
                .run();
    }

    private void assertDescriptorRefused(TestVolume volume, String named) {
        TreeSnapshot before = TreeSnapshot.read(volume.volume());
        for (String verb : new String[] {"mount", "archive", "status"}) {
            Command.Outcome outcome =
                    verb.equals("mount")
                            ? arc.run(verb, volume.volume(), volume.mountPoint())
                            : arc.run(verb, volume.volume());
            assertOneLine(1, outcome);
            assertThat(outcome.err()).contains("arc.json").contains(named);
        }
        assertThat(Mounts.isMounted(volume.mountPoint())).isFalse();
        TreeComparison.assertSame(
                "volume", before, TreeSnapshot.read(volume.volume()), Aspect.copied());
    }

    /** Runs in the scratch directory, judges, and gives the line. */
    private String refused(int exit, Object... arguments) {
        TreeSnapshot before = outside();
        Command.Outcome outcome = arc.command(arguments).in(work).run();
        assertOneLine(exit, outcome);
        TreeComparison.assertSame("files", before, outside(), Aspect.copied());
        return outcome.err();
    }

    private String refusedAny(Object... arguments) {
        Command.Outcome outcome = arc.command(arguments).in(work).run();
        assertOneLine(outcome.exit() == 2 ? 2 : 1, outcome);
        return outcome.err();
    }

    private TreeSnapshot outside() {
        return TreeSnapshot.read(work);
    }

    private static void assertOneLine(int exit, Command.Outcome outcome) {
        assertThat(outcome.exit()).as("exit code of %s", outcome).isEqualTo(exit);
        assertThat(outcome.err()).as("stderr of %s", outcome).startsWith("arc: ");
        assertThat(outcome.err().strip().lines()).as("stderr of %s", outcome).hasSize(1);
        assertThat(outcome.err()).doesNotContain("Exception").doesNotContain("\tat ");
    }
}
