package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Aspect;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.MadeTree;
import io.arcfs.it.kit.Mounts;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.it.kit.TreeComparison;
import io.arcfs.it.kit.TreeSnapshot;
import io.arcfs.it.kit.Twin;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A daemon per mount: how it starts, ends, dies and what open files notice of its work. */
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE})
class DaemonIT {
    private final Path work = Scratch.directory("daemon");

    @AfterEach
    void deleteWork() {
        Scratch.delete(work);
    }

    @Test
    void terminationUnmountsCleanlyAndTheTreeIsThereAgain() throws Exception {
        Path source = work.resolve("source");
        MadeTree.make(source, 3, 5 << 20, 200);
        // The jnr transport refuses ACLs: libfuse 2.9 cannot have the kernel enforce them.
        Command.of("setfacl", "-R", "-P", "-b", source).succeed();
        TreeSnapshot expected = TreeSnapshot.read(source);
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Command.Outcome copied =
                    Command.of("cp", "-a", source + "/.", volume.mountPoint()).succeed();
            assertThat(copied.err()).as("warnings of cp -a").isEmpty();
            assertThat(volume.volume().resolve("log")).isNotEmptyDirectory();

            ProcessHandle daemon = volume.daemon();
            assertThat(daemon.destroy()).isTrue(); // SIGTERM
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !daemon.isAlive() && !Mounts.isMounted(volume.mountPoint()));

            assertThat(volume.status().path("mountpoint").isNull()).isTrue();
            volume.mount();
            TreeComparison.assertSame(
                    "mounted again",
                    expected,
                    TreeSnapshot.read(volume.mountPoint()),
                    Aspect.copied());
        }
    }

    @Test
    void killedDaemonLosesNothingThatWasSyncedAndMountRepairs() throws Exception {
        Random random = new Random(9);
        byte[] archived = Twin.content(random, 300_000);
        byte[] synced = Twin.content(random, 200_000);
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Path mount = volume.mountPoint();
            Files.createDirectory(mount.resolve("folder"));
            write(mount.resolve("folder/archived"), archived);
            volume.arc("archive");
            write(mount.resolve("folder/synced"), synced);
            Files.move(mount.resolve("folder"), mount.resolve("renamed"));
            write(mount.resolve("last"), new byte[] {1}); // makes the rename durable too

            ProcessHandle daemon = volume.daemon();
            daemon.destroyForcibly();
            daemon.onExit().join();
            assertThat(Mounts.isMounted(mount)).as("a dead mount is what a kill leaves").isTrue();

            volume.mount();
            assertThat(Mounts.below(mount)).as("one mount, the dead one is gone").hasSize(1);
            assertThat(Files.readAllBytes(mount.resolve("renamed/archived"))).isEqualTo(archived);
            assertThat(Files.readAllBytes(mount.resolve("renamed/synced"))).isEqualTo(synced);
            assertThat(mount.resolve("last")).hasBinaryContent(new byte[] {1});
            assertThat(mount.resolve("folder")).doesNotExist();
            volume.arc("archive");
            assertThat(Files.readAllBytes(mount.resolve("renamed/synced"))).isEqualTo(synced);
        }
    }

    @Test
    void openFilesGoOnThroughArchiveMergeAndEvict() throws Exception {
        Random random = new Random(10);
        byte[] content = Twin.content(random, 5 << 20);
        byte[] more = Twin.content(random, 1 << 20);
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Path mount = volume.mountPoint();
            Files.write(mount.resolve("read"), content);
            Files.write(mount.resolve("appended"), content);
            try (RandomAccessFile reader = new RandomAccessFile(file(mount, "read"), "r");
                    FileChannel appender =
                            FileChannel.open(
                                    mount.resolve("appended"), StandardOpenOption.APPEND)) {
                byte[] half = new byte[content.length / 2];
                reader.readFully(half);
                int written = 0;
                for (int round = 0; round < 4; round++) {
                    for (int i = 0; i < more.length / 4; i += 65_536) {
                        appender.write(ByteBuffer.wrap(more, written, 65_536));
                        written += 65_536;
                    }
                    volume.arc("archive");
                }
                volume.arc("merge", "--all");
                volume.arc("flush");
                volume.arc("evict");
                byte[] rest = new byte[content.length - half.length];
                reader.readFully(rest);
                assertThat(half).isEqualTo(java.util.Arrays.copyOf(content, half.length));
                assertThat(rest)
                        .isEqualTo(
                                java.util.Arrays.copyOfRange(content, half.length, content.length));
                assertThat(appender.size()).isEqualTo(content.length + written);
            }
            byte[] appended = Files.readAllBytes(mount.resolve("appended"));
            assertThat(appended).startsWith(content);
            assertThat(java.util.Arrays.copyOfRange(appended, content.length, appended.length))
                    .isEqualTo(more);
        }
    }

    @Test
    void fstatOfAnOpenFileWorksAsPlayersDoIt() throws IOException {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Path mount = volume.mountPoint();
            Files.write(mount.resolve("film"), new byte[100_000]);
            for (int i = 0; i < 2; i++) {
                // The shell opens; stat -L looks through the open descriptor only.
                String size =
                        Command.of(
                                        "sh",
                                        "-c",
                                        "exec 3<film; stat -c %s - <&3; stat -Lc %s /dev/fd/3")
                                .in(mount)
                                .succeed()
                                .out();
                assertThat(size).isEqualTo("100000\n100000\n");
                String renamed =
                        Command.of(
                                        "sh",
                                        "-c",
                                        "exec 3<film; mv film f; stat -c %s - <&3; mv f film")
                                .in(mount)
                                .succeed()
                                .out();
                assertThat(renamed).isEqualTo("100000\n");
                volume.arc("archive");
            }
        }
    }

    @Test
    void writesBelowTheWrittenEndAreRefused() throws IOException {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Path mount = volume.mountPoint();
            Files.writeString(mount.resolve("file"), "0123456789");
            for (int i = 0; i < 2; i++) {
                Command.Outcome below =
                        Command.of(
                                        "dd",
                                        "if=/dev/zero",
                                        "of=" + mount.resolve("file"),
                                        "conv=notrunc",
                                        "bs=1",
                                        "count=1",
                                        "seek=3")
                                .run();
                assertThat(below.exit()).isEqualTo(1);
                assertThat(below.err()).contains("Operation not permitted");
                assertThat(mount.resolve("file")).hasContent("0123456789");
                volume.arc("archive");
            }
        }
    }

    @Test
    void mountReturnsAndKeepsNoOutputOpen() throws IOException {
        try (TestVolume volume = TestVolume.make()) {
            // cat ends only when every writer of the pipe is gone: the daemon must not be one.
            Command.of(
                            "sh",
                            "-c",
                            "\"$0\" mount \"$1\" \"$2\" 2>&1 | cat",
                            volume.arc().launcher(),
                            volume.volume(),
                            volume.mountPoint())
                    .within(Duration.ofMinutes(1))
                    .succeed();
            Files.writeString(volume.mountPoint().resolve("serves"), "at once");
            assertThat(volume.mountPoint().resolve("serves")).hasContent("at once");
        }
    }

    @Test
    void daemonLetsGoOfWhatItWasStartedWith() throws IOException {
        try (TestVolume volume = TestVolume.make()) {
            // A lock of a script is on a descriptor above nine as often as on one below.
            Command.of(
                            "bash",
                            "-c",
                            "cd \"$3\" && exec 5>five {lock}>lock && flock 5 && flock $lock"
                                    + " && \"$0\" mount \"$1\" \"$2\"",
                            volume.arc().launcher(),
                            volume.volume(),
                            volume.mountPoint(),
                            work)
                    .within(Duration.ofMinutes(1))
                    .succeed();
            Command.of("flock", "-n", work.resolve("five"), "true").succeed();
            Command.of("flock", "-n", work.resolve("lock"), "true").succeed();
            Path process = Path.of("/proc", volume.status().path("pid").asText());
            assertThat(process.resolve("cwd").toRealPath()).isEqualTo(Path.of("/"));
            for (String standard : new String[] {"fd/0", "fd/1"}) {
                assertThat(process.resolve(standard).toRealPath()).hasToString("/dev/null");
            }
            assertThat(process.resolve("fd/2").toRealPath())
                    .isEqualTo(volume.volume().resolve("log/daemon.log").toRealPath());
        }
    }

    @Test
    void mountThatIsGivenUpLeavesNothing() throws Exception {
        try (TestVolume volume = TestVolume.make()) {
            Process launcher =
                    volume.arc()
                            .command("mount", volume.volume(), volume.mountPoint())
                            .start(work.resolve("given-up"), work.resolve("given-up-err"));
            Path log = volume.volume().resolve("log/arcfs.log");
            // The daemon is at work; it needs longer for the rest than this test to kill.
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> Files.exists(log));
            launcher.destroyForcibly().waitFor();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> Files.readString(log).contains("volume closed"));
            assertThat(Mounts.isMounted(volume.mountPoint())).isFalse();
            String directory = volume.volume().toString();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() ->
                            ProcessHandle.allProcesses()
                                    .map(process -> process.info().commandLine().orElse(""))
                                    .noneMatch(line -> line.contains(directory)));
            volume.mount();
        }
    }

    @Test
    void foregroundDaemonIsTheStartedProcessAndEndsOnTermination() throws Exception {
        try (TestVolume volume = TestVolume.make()) {
            Path out = work.resolve("out");
            Process process =
                    volume.arc()
                            .command("mount", volume.volume(), volume.mountPoint(), "--foreground")
                            .start(out, work.resolve("err"));
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> Files.readString(out).contains("mounted"));
                assertThat(Mounts.isMounted(volume.mountPoint())).isTrue();
                assertThat(volume.status().path("pid").asLong()).isEqualTo(process.pid());
                process.destroy();
                assertThat(process.waitFor(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
                assertThat(Mounts.isMounted(volume.mountPoint())).isFalse();
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void busyMountSaysWhoKeepsIt() throws IOException {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Path file = volume.mountPoint().resolve("open");
            try (FileChannel open =
                    FileChannel.open(
                            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                assertThat(open.write(ByteBuffer.wrap(new byte[10]))).isEqualTo(10);
                Command.Outcome busy = volume.arc().run("umount", volume.mountPoint());
                assertThat(busy.exit()).isEqualTo(1);
                assertThat(busy.err()).startsWith("arc: ").contains(ownPid());
                assertThat(Mounts.isMounted(volume.mountPoint())).isTrue();
                assertThat(open.write(ByteBuffer.wrap(new byte[10]))).isEqualTo(10);
            }
            volume.unmount();
        }
    }

    @Test
    void verbsWorkOnAVolumeThatIsNotMounted() throws IOException {
        byte[] content = Twin.content(new Random(5), 100_000);
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Files.write(volume.mountPoint().resolve("file"), content);
            volume.unmount();
            volume.arc("archive");
            volume.arc("merge", "--all");
            volume.arc("flush");
            volume.arc("evict");
            assertThat(volume.archivedLayers()).hasSize(1);
            assertThat(volume.status().at("/containers/staged").asLong(-1)).isZero();
            Path dump = work.resolve("dump");
            volume.arc().succeed("device", "dump", volume.volume(), dump);
            Path image = volume.image(volume.archivedLayers().getFirst());
            Command.Outcome cat =
                    volume.arc().succeed("image", "cat", image, "/file", "--device", dump);
            assertThat(cat.stdout()).isEqualTo(content);
            assertThat(volume.arc().succeed("image", "ls", image, "/").out()).contains("file");
            volume.mount();
            assertThat(Files.readAllBytes(volume.mountPoint().resolve("file"))).isEqualTo(content);
        }
    }

    @Test
    void nothingToDoIsSuccess() {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            for (String verb : new String[] {"archive", "merge", "flush", "evict", "archive"}) {
                volume.arc(verb);
            }
        }
    }

    private static String ownPid() {
        return String.valueOf(ProcessHandle.current().pid());
    }

    private static java.io.File file(Path directory, String name) {
        return directory.resolve(name).toFile();
    }

    private static void write(Path path, byte[] content) throws IOException {
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
    }
}
