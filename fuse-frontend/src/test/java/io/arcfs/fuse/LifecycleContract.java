package io.arcfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.fuse.memory.MemoryFileSystem;
import io.arcfs.posix.Posix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Mounting and unmounting: what is refused and how, and that nothing is left. */
public abstract class LifecycleContract extends TransportContract {
    @Test
    void aMountShowsWhatItIs() {
        MountTable.Entry entry = MountTable.now().at(root).orElseThrow();

        assertThat(entry.type()).isEqualTo("fuse.arcfs");
        assertThat(mounted().mountpoint()).isEqualTo(root);
        assertThat(mounted().transport()).isEqualTo(transport().name());
        assertThat(mounted().isServing()).isTrue();
    }

    @Test
    void theSourceShownIsTheVolumeWhateverItsName() throws Exception {
        String odd = "/a volume,with\\odd=characters";
        remount(MountOptions.DEFAULT.withFsName(odd));

        assertThat(MountTable.now().at(root).orElseThrow().source()).isEqualTo(odd);
    }

    @Test
    void aCleanUnmountLeavesNoMountAndNoThread() throws Exception {
        Files.writeString(at("file"), "x");
        mounted().unmount();

        assertThat(MountTable.now().at(root)).isEmpty();
        assertThat(mounted().isServing()).isFalse();
        assertThat(root).isEmptyDirectory();
        eventually("every thread has ended", () -> servingThreads() == 0);
        mounted().unmount();
        mounted().close();
    }

    @Test
    void aMountpointCanBeUsedAgainAndAgain() throws Exception {
        Files.writeString(at("file"), "kept");
        for (int i = 0; i < 5; i++) {
            remount(MountOptions.DEFAULT.withThreads(1 + i));
            assertThat(Files.readString(at("file"))).isEqualTo("kept");
        }
    }

    @Test
    void twoMountsLiveBesideEachOther() throws Exception {
        Path second = Files.createDirectory(scratch.resolve("second"));
        var other = new MemoryFileSystem(CAPACITY_BYTES);
        try (Mount mount = transport().mount(other, second, MountOptions.DEFAULT)) {
            mount.awaitServing(SERVING_LIMIT);
            Files.writeString(second.resolve("file"), "second");
            Files.writeString(at("file"), "first");
            assertThat(Files.readString(second.resolve("file"))).isEqualTo("second");
        }
        assertThat(Files.readString(at("file"))).isEqualTo("first");
    }

    @Test
    void unmountingFromOutsideEndsTheMount() throws Exception {
        FuseRequirement.require(Posix.getuid() == 0, "umount(8) needs root");
        Shell.run(Path.of("/"), "umount \"$1\"", root.toString());

        mounted().awaitUnmounted();
        assertThat(mounted().isServing()).isFalse();
        eventually("every thread has ended", () -> servingThreads() == 0);
    }

    @Test
    void aBusyMountSaysWhoKeepsItAndGoesOnServing() throws Exception {
        Files.writeString(at("file"), "x");
        Process holder = Shell.start(root, List.of("sleep", "1000"));
        try {
            assertThatThrownBy(() -> mounted().unmount())
                    .isInstanceOf(MountException.class)
                    .hasMessageStartingWith("cannot unmount " + root + ": it is busy, held by ")
                    .hasMessageEndingWith("; end that and try again")
                    .hasMessageContaining("sleep (pid " + holder.pid() + ": .)")
                    .hasMessageNotContaining("\n");
            assertThat(Files.readString(at("file"))).isEqualTo("x");
        } finally {
            holder.destroyForcibly().waitFor();
        }
        mounted().unmount();
    }

    @Test
    void aMountBusyByAnOpenFileNamesTheFile() throws Exception {
        Files.createDirectory(at("films"));
        Files.writeString(at("films/long.mkv"), "x");
        Process holder =
                Shell.start(
                        Path.of("/"),
                        List.of(
                                "sh",
                                "-c",
                                "exec sleep 1000 < \"$1\"",
                                "sh",
                                at("films/long.mkv").toString()));
        try {
            eventually("the file is open", () -> mounted().openHandles() == 1);
            assertThatThrownBy(() -> mounted().unmount())
                    .hasMessageContaining("(pid " + holder.pid() + ": films/long.mkv)");
        } finally {
            holder.destroyForcibly().waitFor();
        }
        eventually("the handle is given back", () -> mounted().openHandles() == 0);
    }

    @Test
    void closingABusyMountTakesItAwayAndItEndsAtTheLatestWithItsUsers() throws Exception {
        Process holder = Shell.start(root, List.of("sleep", "1000"));
        try {
            mounted().close();
            assertThat(MountTable.now().at(root)).isEmpty();
            if (Posix.getuid() == 0) {
                mounted().awaitUnmounted();
            }
        } finally {
            holder.destroyForcibly().waitFor();
        }
        mounted().awaitUnmounted();
        eventually("every thread has ended", () -> servingThreads() == 0);
    }

    @Test
    void aMountpointMustBeAnEmptyDirectoryThatExistsAndIsFree() throws Exception {
        Path file = Files.writeString(scratch.resolve("plain"), "x");
        Path full = scratch.resolve("full");
        Files.createDirectories(full.resolve("entry"));
        List<MountTable.Entry> before = MountTable.now().entries();

        assertRefused(scratch.resolve("missing"), "does not exist");
        assertRefused(file, "not a directory");
        assertRefused(full, "not empty");
        assertRefused(root, "something is mounted there");
        assertRefused(Path.of("/"), "something is mounted there");
        assertRefused(Path.of("/" + "x".repeat(4096)), "cannot mount");
        assertThat(MountTable.now().entries()).isEqualTo(before);
    }

    private void assertRefused(Path mountpoint, String reason) {
        assertThatThrownBy(() -> transport().mount(fileSystem, mountpoint, MountOptions.DEFAULT))
                .isInstanceOf(MountException.class)
                .hasMessageStartingWith("cannot mount at " + mountpoint)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }

    @Test
    void aMountpointIsFoundThroughRelativePathsAndLinks() throws Exception {
        mounted().unmount();
        Path link = Files.createSymbolicLink(scratch.resolve("link"), root);
        try (Mount mount = transport().mount(fileSystem, link, MountOptions.DEFAULT)) {
            mount.awaitServing(SERVING_LIMIT);
            assertThat(mount.mountpoint()).isEqualTo(root);
        }
        Path relative = Path.of("").toAbsolutePath().relativize(root);
        try (Mount mount = transport().mount(fileSystem, relative, MountOptions.DEFAULT)) {
            mount.awaitServing(SERVING_LIMIT);
            assertThat(mount.mountpoint()).isEqualTo(root);
        }
    }

    @Test
    void theMountOfADeadServerIsNamedAndCuredAsSaid() throws Exception {
        FuseRequirement.require(Shell.has("fusermount3"), "fusermount3 is missing");
        mounted().unmount();
        Process server = startServer();
        server.destroyForcibly().waitFor();

        assertThatThrownBy(() -> transport().mount(fileSystem, root, MountOptions.DEFAULT))
                .isInstanceOf(MountException.class)
                .hasMessageContaining("server died")
                .hasMessageContaining("fusermount3 -u -z " + root);
        Shell.run(Path.of("/"), "fusermount3 -u -z \"$1\"", root.toString());
        remount(MountOptions.DEFAULT);
        assertThat(mounted().isServing()).isTrue();
    }

    /** A process of its own that serves at {@link #root}. */
    private Process startServer() throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MountMemory.class.getName(),
                        root.toString(),
                        "fuse=" + transport().name()));
        Process server = Shell.start(scratch, command);
        var said = server.inputReader();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith("mounted")) {
                return server;
            }
        }
        throw new AssertionError("the server did not mount; it ended with " + server.waitFor());
    }

    @Test
    void aReadOnlyMountRefusesChanges() throws Exception {
        Files.writeString(at("file"), "x");
        remount(MountOptions.DEFAULT.with(MountOptions.Flag.READ_ONLY, true));

        assertThat(Files.readString(at("file"))).isEqualTo("x");
        assertThat(Shell.run(root, "echo y >> file").output()).contains("Read-only file system");
        assertThat(Shell.run(root, "rm file").output()).contains("Read-only file system");
    }

    @Test
    void programsRunUnlessNoexec() throws Exception {
        sh("printf '#!/bin/sh\\necho ran\\n' > program; chmod 755 program");
        assertThat(sh("./program")).isEqualTo("ran");

        remount(MountOptions.DEFAULT.with(MountOptions.Flag.EXEC, false));
        assertThat(Shell.run(root, "./program").output()).contains("Permission denied");
    }

    @Test
    void deviceFilesAreDevicesOnlyOnRequest() throws Exception {
        FuseRequirement.require(Posix.getuid() == 0, "making device files needs root");
        sh("mknod null c 1 3; chmod 666 null");
        assertThat(Shell.run(root, "echo x > null").output()).contains("Permission denied");

        remount(MountOptions.DEFAULT.with(MountOptions.Flag.DEV, true));
        sh("echo x > null");
    }

    private static long servingThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("fuse-"))
                .count();
    }
}
