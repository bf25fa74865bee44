package io.arcfs.cli.verb;

import static io.arcfs.cli.verb.ArcRun.arc;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.arcfs.overlay.FileSystem;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.recovery.VolumeLock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class VolumeVerbsTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir Path scratch;
    private Path volume = Path.of("");

    @BeforeEach
    void nameVolume() throws IOException {
        scratch = scratch.toRealPath();
        volume = scratch.resolve("volume");
    }

    @Nested
    class Mkfs {
        @Test
        void makesAVolumeThatCheckAccepts() {
            ArcRun made = arc("mkfs", volume).succeeded();
            assertThat(made.out()).contains("dir:" + volume.resolve("cold"), "next: ");
            arc("config", "check", volume).succeeded();
            assertThat(arc("config", "get", volume, "archive.threshold").succeeded().out())
                    .isEqualTo("475M\n");
        }

        @Test
        void takesAnEmptyDirectoryThatIsThere() throws IOException {
            Files.createDirectory(volume);
            arc("mkfs", volume, "--quiet").succeeded();
            assertThat(volume.resolve("arc.json")).exists();
        }

        @Test
        void keepsWhatIsAskedFor() {
            Path one = scratch.resolve("one");
            Path two = scratch.resolve("two");
            arc(
                            "mkfs",
                            volume,
                            "--cold",
                            "dir:" + one,
                            "--cold",
                            "dir:" + two,
                            "--copies",
                            2,
                            "--size",
                            "10G",
                            "--threshold",
                            "64M",
                            "--set",
                            "archive.maxAge=1h",
                            "--set",
                            "merge.layers=8")
                    .succeeded();
            assertThat(arc("config", "get", volume).out())
                    .contains(
                            "copies = 2\n",
                            "geometry.containers = 21\n",
                            "archive.threshold = 64M\n",
                            "archive.maxAge = 1h\n",
                            "merge.layers = 8\n");
            assertThat(one).isDirectory();
            assertThat(two).isDirectory();
        }

        @Test
        void refusesANonEmptyDirectoryAndChangesNothing() throws IOException {
            Files.createDirectory(volume);
            Files.writeString(volume.resolve("precious"), "bytes");
            arc("mkfs", volume).refusedWith(1, volume.toString(), "the directory is not empty");
            assertThat(filesBelow(volume)).containsExactly("precious");
        }

        @Test
        void refusesAVolumeThatIsThere() throws IOException {
            arc("mkfs", volume).succeeded();
            List<String> before = filesBelow(volume);
            arc("mkfs", volume).refusedWith(1, "the directory is not empty");
            assertThat(filesBelow(volume)).isEqualTo(before);
        }

        @Test
        void refusesWhatIsNoDirectory() throws IOException {
            Files.writeString(volume, "x");
            arc("mkfs", volume).refusedWith(1, "not a directory");
            arc("mkfs", scratch.resolve("no/such")).refusedWith(1, "no such directory");
            arc("mkfs", "/").refusedWith(1, "not empty");
            Files.createSymbolicLink(scratch.resolve("loop"), scratch.resolve("loop"));
            arc("mkfs", scratch.resolve("loop")).refusedWith(1, "not a directory");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "--set archive.treshold=1M|unknown key archive.treshold",
                    "--set archive.threshold=10GB|archive.threshold is \"10GB\": must be a size",
                    "--set archive=1|archive holds keys",
                    "--set uuid=x|uuid cannot be chosen",
                    "--set copies=2|copies is 2: must be at most",
                    "--set geometry.blockBytes=512|geometry.blockBytes is 512",
                    "--copies 0|copies is 0",
                    "--size 1M|holds no whole number of containers",
                    "--size 100T|needs 48-bit EROFS addresses",
                    "--threshold 0|archive.threshold is 0"
                })
        void refusesBadSettingsAndLeavesNothing(String options, String problem) throws IOException {
            List<Object> words = new ArrayList<>(List.of("mkfs", volume));
            words.addAll(List.of(options.split(" ")));
            arc(words.toArray()).refusedWith(1, problem);
            assertThat(volume).doesNotExist();
        }

        @Test
        void leavesNothingWhenAMediumCannotBeMade() throws IOException {
            Path good = scratch.resolve("good");
            Path bad = scratch.resolve("no/such/place");
            arc("mkfs", volume, "--cold", "dir:" + good, "--cold", "dir:" + bad)
                    .refusedWith(1, "no such");
            assertThat(filesBelow(scratch)).isEmpty();
            Files.writeString(scratch.resolve("file"), "x");
            arc("mkfs", volume, "--cold", "dir:" + scratch.resolve("file"))
                    .refusedWith(1, "not a directory");
            assertThat(filesBelow(scratch)).containsExactly("file");
        }
    }

    @Nested
    class Status {
        @Test
        void hasTheFieldsOfTheContract() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            JsonNode status = status();
            assertThat(names(status))
                    .containsSubsequence(
                            "volume",
                            "uuid",
                            "mountpoint",
                            "pid",
                            "fuse",
                            "device",
                            "state",
                            "upper",
                            "layers",
                            "containers",
                            "ssd",
                            "cold",
                            "recall",
                            "work",
                            "handles",
                            "problems");
            assertThat(names(status.path("upper")))
                    .containsSubsequence("name", "bytes", "files", "threshold");
            assertThat(names(status.path("layers").path(0)))
                    .containsSubsequence("name", "state", "files", "dataBytes", "metaBytes");
            assertThat(names(status.path("containers")))
                    .containsSubsequence("size", "total", "open", "staged", "cold", "evicted");
            assertThat(names(status.path("ssd")))
                    .containsSubsequence("usedBytes", "headBytes", "limitBytes");
            assertThat(names(status.path("cold").path(0)))
                    .containsSubsequence(
                            "spec",
                            "state",
                            "usedBytes",
                            "objectsRead",
                            "objectsVerified",
                            "objectsWritten");
            assertThat(names(status.path("recall")))
                    .containsSubsequence("queued", "running", "done", "objects", "bytes");
            assertThat(status.path("mountpoint").isNull()).isTrue();
            assertThat(status.path("pid").isNull()).isTrue();
            assertThat(status.path("fuse").isNull()).isTrue();
            assertThat(status.path("state").asText()).isEqualTo("idle");
            assertThat(status.path("device").asText()).isEqualTo("inprocess");
        }

        @Test
        void changesNothing() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            Map<String, Object> before = stamps(volume);
            arc("status", volume).succeeded();
            arc("status", volume, "--json").succeeded();
            assertThat(stamps(volume)).isEqualTo(before);
        }

        @Test
        void hasEverySectionForPeople() {
            arc("mkfs", volume, "--quiet").succeeded();
            assertThat(arc("status", volume).succeeded().out())
                    .contains(
                            volume + "   idle, not mounted",
                            "Layers, newest first",
                            "Tiers",
                            "Work under way",
                            "Cold media",
                            "Needs attention");
        }

        @Test
        void worksWithoutASnapshotOrWithABrokenOne() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            Files.delete(volume.resolve("status.json"));
            assertThat(status().path("problems").toString()).contains("no figures are known");
            Files.writeString(volume.resolve("status.json"), "{]");
            assertThat(status().path("problems").toString()).contains("no figures are known");
            Files.writeString(volume.resolve("status.json"), "{\"status\":{\"uuid\":\"other\"}}");
            assertThat(status().path("problems").toString()).contains("no figures are known");
        }

        @Test
        void saysThatAVolumeIsOpenElsewhere() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            try (VolumeLock _ = VolumeLock.acquire(new VolumeLayout(volume))) {
                JsonNode status = status();
                assertThat(status.path("state").asText()).isEqualTo("recovering");
                assertThat(status.path("pid").asLong()).isEqualTo(ProcessHandle.current().pid());
            }
        }

        @Test
        void refusesWhatIsNoVolume() throws IOException {
            arc("status", scratch).refusedWith(1, "neither an arcfs volume nor");
            Files.writeString(scratch.resolve("file"), "x");
            arc("status", scratch.resolve("file")).refusedWith(1, "neither an arcfs volume nor");
            arc("status", scratch.resolve("nothing")).refusedWith(1, "no such file or directory");
        }

        private List<String> names(JsonNode object) {
            return object.properties().stream().map(Map.Entry::getKey).toList();
        }
    }

    @Nested
    class Refusals {
        @Test
        void malformedDescriptorIsNamedByEveryVerb() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            Path mountpoint = Files.createDirectory(scratch.resolve("mnt"));
            Files.writeString(volume.resolve("arc.json"), "{\"formatVersion\": 1, \"copies\": }");
            String where = volume.resolve("arc.json") + ": is no valid JSON: line 1";
            arc("status", volume).refusedWith(1, where);
            arc("mount", volume, mountpoint).refusedWith(1, where);
            arc("archive", volume).refusedWith(1, where);
            arc("config", "check", volume).refusedWith(1, where);
        }

        @Test
        void mountRefusesVolumesThatAreNone() throws IOException {
            Path mountpoint = Files.createDirectory(scratch.resolve("mnt"));
            arc("mount", scratch.resolve("none"), mountpoint)
                    .refusedWith(1, "no such directory", "arc mkfs");
            arc("mount", mountpoint, mountpoint).refusedWith(1, "arc.json: does not exist");
            Path file = Files.writeString(scratch.resolve("file"), "x");
            arc("mount", file, mountpoint).refusedWith(1, "not a directory");
            assertThat(filesBelow(scratch)).containsExactly("file", "mnt");
        }

        @Test
        void mountRefusesBadMountpoints() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            arc("mount", volume, scratch.resolve("none")).refusedWith(1, "does not exist");
            Path file = Files.writeString(scratch.resolve("file"), "x");
            arc("mount", volume, file).refusedWith(1, "is not a directory");
            arc("mount", volume, scratch)
                    .refusedWith(1, "the volume directory is inside it", "another mountpoint");
            arc("mount", volume, "/").refusedWith(1, "the volume directory is inside it");
            arc("mount", volume, volume.resolve("log"))
                    .refusedWith(1, "is inside the volume directory");
            arc("mount", volume, "/proc").refusedWith(1, "something is mounted there");
            Path full = Files.createDirectory(scratch.resolve("full"));
            Files.writeString(full.resolve("x"), "x");
            arc("mount", volume, full).refusedWith(1, "the directory is not empty");
        }

        @Test
        void parametersOfAMediumAreKept() throws IOException {
            Path medium = scratch.resolve("medium");
            arc("mkfs", volume, "--cold", "sim:" + medium + "?mount=1s&scale=0").succeeded();
            assertThat(volume.resolve("arc.json"))
                    .content()
                    .contains("sim:" + medium + "?mount=1s&scale=0");
        }

        @Test
        void mountRefusesAMountpointAroundAMedium() throws IOException {
            Path media = Files.createDirectory(scratch.resolve("media"));
            arc("mkfs", volume, "--cold", "dir:" + media.resolve("one"), "--quiet").succeeded();
            arc("mount", volume, media).refusedWith(1, "the cold medium", "is inside it");
        }

        @Test
        void mountRefusesUnknownOptionsByName() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            Path mountpoint = Files.createDirectory(scratch.resolve("mnt"));
            arc("mount", volume, mountpoint, "-o", "ro,nonempty").refusedWith(2, "'nonempty'");
        }

        @Test
        void volumeThatIsOpenIsRefusedWithItsHolder() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            Path mountpoint = Files.createDirectory(scratch.resolve("mnt"));
            try (VolumeLock _ = VolumeLock.acquire(new VolumeLayout(volume))) {
                String holder = "already open by pid " + ProcessHandle.current().pid();
                arc("mount", volume, mountpoint).refusedWith(1, holder);
                arc("archive", volume).refusedWith(1, holder);
            }
            arc("archive", volume).succeeded();
        }

        @Test
        void umountOfWhatIsNotMountedIsNoFailure() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            assertThat(arc("umount", volume).succeeded().out()).startsWith("not mounted");
            assertThat(arc("umount", scratch).succeeded().out()).startsWith("not mounted");
            arc("umount", "/proc").refusedWith(1, "neither an arcfs volume nor");
            arc("umount", scratch.resolve("none")).refusedWith(1, "no such file");
        }

        @Test
        void configSetChecksBeforeItWrites() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            arc("config", "set", volume, "archive.threshold", "64M").succeeded();
            String before = Files.readString(volume.resolve("arc.json"));
            arc("config", "set", volume, "archive.threshold", "lots").refusedWith(1, "a size");
            arc("config", "set", volume, "uuid", "x").refusedWith(1, "cannot change");
            arc("config", "set", volume, "nothing", "x").refusedWith(1, "unknown key nothing");
            arc("config", "get", volume, "nothing").refusedWith(1, "no such key");
            assertThat(Files.readString(volume.resolve("arc.json"))).isEqualTo(before);
        }
    }

    @Nested
    class Unmounted {
        @Test
        void verbsWorkOnAVolumeThatIsNotMounted() throws Exception {
            long seed = System.nanoTime();
            System.out.println("seed " + seed);
            byte[] content = new byte[300_000];
            new Random(seed).nextBytes(content);
            arc("mkfs", volume, "--quiet").succeeded();
            assertThat(arc("archive", volume).succeeded().out()).contains("nothing to archive");
            write("file \u00e9", content);
            assertThat(arc("archive", volume).succeeded().out()).isEqualTo("archived\n");
            assertThat(arc("merge", volume, "--all").succeeded().out()).contains("nothing");
            arc("flush", volume).succeeded();
            assertThat(arc("evict", volume).succeeded().out()).startsWith("evicted ");
            JsonNode status = status();
            assertThat(status.path("containers").path("evicted").asInt()).isEqualTo(1);
            assertThat(status.path("pid").isNull()).isTrue();

            Path image = volume.resolve("images/meta.00");
            Path device = scratch.resolve("device");
            arc("device", "dump", volume, device).succeeded();
            assertThat(Files.size(device)).isEqualTo((34_952L * 480) << 20);
            assertThat(arc("image", "ls", image).succeeded().out()).contains("file \u00e9");
            assertThat(arc("image", "stat", image, "file \u00e9").succeeded().out())
                    .contains("size      300000");
            arc("image", "check", image).succeeded();
            arc("image", "check", image, "--device", device).succeeded();
            Path tree = scratch.resolve("tree");
            arc("image", "extract", image, tree, "--device", device).succeeded();
            assertThat(tree.resolve("file \u00e9")).hasBinaryContent(content);
            arc("image", "extract", image, tree).refusedWith(1, "the directory is not empty");
            arc("image", "cat", image, "file \u00e9").refusedWith(1, "device 1", "--device FILE");
            arc("image", "ls", image, "nothing").refusedWith(1, "no such file or directory in");
        }

        @Test
        void dumpRefusesWhatIsNoFile() throws IOException {
            arc("mkfs", volume, "--quiet").succeeded();
            arc("device", "dump", volume, scratch).refusedWith(1, "is no regular file");
            arc("device", "dump", volume, "/dev/null").refusedWith(1, "is no regular file");
            arc("device", "dump", volume, scratch.resolve("no/such")).refusedWith(1, "ENOENT");
        }

        private void write(String name, byte[] content) throws IOException {
            try (Volume open = Volume.open(volume)) {
                FileSystem files = open.overlay().fileSystem();
                FileSystem.Created created =
                        files.create(
                                FileSystem.ROOT_INODE,
                                name.getBytes(StandardCharsets.UTF_8),
                                0100644,
                                FileSystem.OpenMode.READ_WRITE,
                                new FileSystem.Caller(0, 0, 0));
                created.file().write(0, MemorySegment.ofArray(content));
                created.file().release();
            }
        }
    }

    @Nested
    class Images {
        @Test
        void whatIsNoImageIsRefusedInOneLine() throws IOException, InterruptedException {
            Path file = Files.write(scratch.resolve("empty"), new byte[0]);
            arc("image", "ls", file).refusedWith(1, file.toString());
            Files.write(file, new byte[100_000]);
            arc("image", "ls", file).refusedWith(1, file.toString());
            arc("image", "ls", scratch).refusedWith(1, scratch.toString());
            arc("image", "ls", scratch.resolve("none")).refusedWith(1, "no such file");
            Path fifo = scratch.resolve("fifo");
            assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
            arc("image", "ls", fifo).refusedWith(1, fifo.toString());
        }

        @Test
        void checkPrintsEveryFindingAndFails() throws IOException {
            Path file = Files.write(scratch.resolve("zeros"), new byte[100_000]);
            ArcRun checked = arc("image", "check", file);
            assertThat(checked.exitCode()).isEqualTo(1);
            assertThat(checked.out()).startsWith("byte ");
            assertThat(checked.err()).startsWith("arc: " + file + ": 1 finding; ");
        }

        @Test
        void treeOfAForeignImageComesOutAsItWentIn() throws Exception {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfs.erofs")), "needs mkfs.erofs");
            Path tree = Files.createDirectory(scratch.resolve("in"));
            Files.writeString(tree.resolve("a"), "text");
            Files.createLink(tree.resolve("b"), tree.resolve("a"));
            Files.createSymbolicLink(tree.resolve("l"), Path.of("a"));
            Files.createDirectory(tree.resolve("d"));
            Files.write(tree.resolve("d/big"), new byte[100_000]);
            assertThat(run("mkfifo", tree.resolve("fifo").toString())).isZero();
            Path image = scratch.resolve("image");
            assertThat(run("mkfs.erofs", image.toString(), tree.toString())).isZero();
            Path out = scratch.resolve("out");
            arc("image", "extract", image, out).succeeded();
            // tar shows types, modes, owners, times, links and contents of both.
            assertThat(tar(out)).isEqualTo(tar(tree));
        }

        private int run(String... command) throws Exception {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }

        private byte[] tar(Path directory) throws Exception {
            Process tar =
                    new ProcessBuilder(
                                    "tar",
                                    "-C",
                                    directory.toString(),
                                    "--sort=name",
                                    "-cf",
                                    "-",
                                    "--format=posix",
                                    "--pax-option=delete=atime,delete=ctime",
                                    ".")
                            .start();
            byte[] bytes = tar.getInputStream().readAllBytes();
            assertThat(tar.waitFor()).isZero();
            return bytes;
        }
    }

    private JsonNode status() throws IOException {
        return JSON.readTree(arc("status", volume, "--json").succeeded().out());
    }

    private static List<String> filesBelow(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(f -> !f.equals(directory))
                    .map(f -> directory.relativize(f).toString())
                    .sorted()
                    .toList();
        }
    }

    private static Map<String, Object> stamps(Path directory) throws IOException {
        TreeMap<String, Object> stamps = new TreeMap<>();
        for (String file : filesBelow(directory)) {
            stamps.put(file, Files.getAttribute(directory.resolve(file), "unix:ctime"));
        }
        return stamps;
    }
}
