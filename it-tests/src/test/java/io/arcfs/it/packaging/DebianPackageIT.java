package io.arcfs.it.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.ArcCli;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Mounts;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * {@code ./arc package}: the package is made, installed, used and removed on this machine. It is
 * left alone where a package arcfs is installed already: that one is somebody's.
 */
@Tag("root")
@Needs({Capability.ROOT, Capability.FUSE, Capability.DPKG})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DebianPackageIT {
    private static Path scratch = Path.of("");
    private static Path volume = Path.of("");
    private static Path mountpoint = Path.of("");
    private static boolean ours;
    private static Map<String, Long> beforeRemoval = new TreeMap<>();

    @BeforeAll
    static void makeAndInstall() throws IOException {
        assertThat(Command.of("dpkg-query", "-W", "arcfs").run().exit())
                .as("a package arcfs is installed here: remove it to run this test")
                .isNotZero();
        scratch = Scratch.directory("package");
        volume = scratch.resolve("volume");
        mountpoint = Files.createDirectory(scratch.resolve("mnt"));
        Command.Outcome made =
                ArcCli.ofThisProject()
                        .within(Duration.ofMinutes(5))
                        .succeed("package", scratch.resolve("out"));
        Path file = Path.of(made.out().strip());
        assertThat(file).isRegularFile();
        ours = true;
        Command.of("dpkg", "-i", file).within(Duration.ofMinutes(5)).succeed();
    }

    @AfterAll
    static void removeInAnyCase() {
        if (Mounts.isMounted(mountpoint)) {
            Command.of("umount", "-l", mountpoint).run();
        }
        if (ours) {
            Command.of("dpkg", "--purge", "arcfs").run();
        }
        Scratch.delete(scratch);
    }

    @Test
    @Order(1)
    void nothingOfItIsChanged() {
        assertThat(Command.of("dpkg", "-V", "arcfs").succeed().out()).isEmpty();
    }

    @Test
    @Order(1)
    void oneNativeLibraryOfRocksDbIsShipped() {
        String libraries =
                Command.of("sh", "-c", "dpkg -L arcfs | grep -E '(so|dll|jnilib)$' | grep -i rocks")
                        .succeed()
                        .out();
        assertThat(libraries.lines()).hasSize(1);
        Command.of(
                        "sh",
                        "-c",
                        "! unzip -l /usr/lib/arcfs/lib/rocksdbjni-*.jar 2>/dev/null"
                                + " | grep -E '\\.(so|dll|jnilib)$'")
                .succeed();
    }

    @Test
    @Order(1)
    void manualPagesAndCompletionsAreThere() {
        List<String> files = Command.of("dpkg", "-L", "arcfs").succeed().out().lines().toList();
        assertThat(files)
                .contains(
                        "/usr/share/man/man1/arc.1.gz",
                        "/usr/share/man/man1/arc-status.1.gz",
                        "/usr/share/bash-completion/completions/arc",
                        "/usr/share/zsh/vendor-completions/_arc",
                        "/usr/share/fish/vendor_completions.d/arc.fish",
                        "/usr/share/applications/arcfs.desktop",
                        "/usr/share/arcfs/schema/status.schema.json",
                        "/lib/systemd/system/arc@.service");
    }

    /** Without them every start would be slower, and nobody would be told. */
    @Test
    @Order(1)
    void cachesOfEveryKindOfStartWereMade() {
        for (String kind : List.of("arc", "image", "device", "daemon")) {
            assertThat(Path.of("/var/cache/arcfs", kind + ".aot")).isRegularFile();
        }
    }

    @Test
    @Order(1)
    void desktopEntryWithoutADisplaySaysSoAndChangesNothing() throws IOException {
        Path home = Files.createDirectory(scratch.resolve("nobody-looks"));
        Command.Outcome refused =
                desktopEntry(home).with("DISPLAY", "").with("WAYLAND_DISPLAY", "").run();
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err().lines()).hasSize(1).first().asString().contains("DISPLAY");
        assertThat(home).isEmptyDirectory();
    }

    @Test
    @Order(2)
    void desktopEntryMountsTheArchiveAndOpensItsFolder() throws IOException {
        Path home = Files.createDirectory(scratch.resolve("home"));
        Path programs = Files.createDirectory(scratch.resolve("programs"));
        Path opened = scratch.resolve("opened");
        Path opener = programs.resolve("xdg-open");
        Files.writeString(opener, "#!/bin/sh\nprintf '%s' \"$1\" >'" + opened + "'\n");
        assertThat(opener.toFile().setExecutable(true)).isTrue();
        desktopEntry(home)
                .with("DISPLAY", ":77")
                .with("PATH", programs + ":" + System.getenv("PATH"))
                .succeed();
        Path folder = home.resolve("Archive");
        try {
            assertThat(opened).hasContent(folder.toString());
            assertThat(Mounts.isMounted(folder)).isTrue();
        } finally {
            Command.of("/usr/bin/arc", "umount", folder).run();
        }
    }

    /** What a click on it runs. */
    private static Command desktopEntry(Path home) throws IOException {
        String line =
                Files.readAllLines(Path.of("/usr/share/applications/arcfs.desktop")).stream()
                        .filter(l -> l.startsWith("Exec="))
                        .findFirst()
                        .orElseThrow();
        return Command.of("sh", "-c", line.substring("Exec=".length()))
                .with("HOME", home.toString())
                .with("XDG_DATA_HOME", home + "/.local/share")
                .with("XDG_RUNTIME_DIR", home + "/run");
    }

    @Test
    @Order(1)
    void unitIsSound() throws IOException {
        if (Command.of("sh", "-c", "command -v systemd-analyze").run().exit() != 0) {
            return; // no systemd here: nobody will read the unit either
        }
        Command.Outcome checked =
                Command.of("systemd-analyze", "verify", "--man=no", "arc@films.service")
                        .with("SYSTEMD_LOG_LEVEL", "warning")
                        .run();
        String aboutOurs =
                (checked.out() + checked.err())
                        .lines()
                        .filter(line -> line.contains("arc@"))
                        .reduce("", (a, b) -> a + b + "\n");
        assertThat(aboutOurs).isEmpty();
    }

    @Test
    @Order(2)
    void installedCommandMountsAndArchives() throws IOException {
        Command.of("/usr/bin/arc", "mkfs", "--quiet", volume).succeed();
        Command.of("/usr/bin/arc", "mount", volume, mountpoint).succeed();
        Files.writeString(mountpoint.resolve("note"), "kept");
        Command.of("/usr/bin/arc", "archive", mountpoint).succeed();
        Command.of("/usr/bin/arc", "flush", mountpoint).succeed();
        Command.of("/usr/bin/arc", "evict", mountpoint).succeed();
        assertThat(Files.readString(mountpoint.resolve("note"))).isEqualTo("kept");
        assertThat(Command.of("/usr/bin/arc", "status", mountpoint).succeed().out())
                .contains("mounted");
        Command.of("/usr/bin/arc", "umount", mountpoint).succeed();
    }

    /** What a unit of Type=notify hears, from a socket of ours. */
    @Test
    @Order(3)
    void serviceManagerHearsThatItIsReadyAndThatItStops() throws Exception {
        Path socket = scratch.resolve("notify");
        Path heard = scratch.resolve("heard");
        Process listener =
                Command.of(
                                "perl",
                                "-MSocket",
                                "-e",
                                "socket(S, PF_UNIX, SOCK_DGRAM, 0) or die; bind(S,"
                                        + " sockaddr_un($ARGV[0])) or die; open(F, '>', $ARGV[1]);"
                                        + " select(F); $| = 1; while (defined recv(S, $m, 4096, 0))"
                                        + " { print \"$m\\n--\\n\" }",
                                socket,
                                heard)
                        .start(scratch.resolve("perl.out"), scratch.resolve("perl.err"));
        Process daemon = null;
        try {
            await(() -> Files.exists(socket));
            daemon =
                    Command.of("/usr/bin/arc", "mount", "--foreground", volume, mountpoint)
                            .with("NOTIFY_SOCKET", socket.toString())
                            .start(scratch.resolve("daemon.out"), scratch.resolve("daemon.err"));
            await(() -> Files.readString(heard).contains("READY=1"));
            assertThat(Files.readString(heard)).contains("MAINPID=" + daemon.pid());
            assertThat(Mounts.isMounted(mountpoint)).isTrue();
            assertThat(Files.readString(mountpoint.resolve("note"))).isEqualTo("kept");
            daemon.destroy();
            assertThat(daemon.waitFor()).isZero();
            await(() -> Files.readString(heard).contains("STOPPING=1"));
            assertThat(Mounts.isMounted(mountpoint)).isFalse();
        } finally {
            if (daemon != null) {
                daemon.destroy();
                daemon.waitFor();
            }
            listener.destroy();
            listener.waitFor();
        }
    }

    @Test
    @Order(4)
    void removedPackageLeavesTheVolume() throws IOException {
        beforeRemoval = sizes();
        Command.of("dpkg", "--purge", "arcfs").succeed();
        ours = false;
        assertThat(Path.of("/usr/bin/arc")).doesNotExist();
        assertThat(Path.of("/usr/lib/arcfs")).doesNotExist();
        assertThat(Path.of("/var/cache/arcfs")).doesNotExist();
        assertThat(sizes()).isEqualTo(beforeRemoval);
    }

    private static Map<String, Long> sizes() throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(volume)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sizes.put(volume.relativize(file).toString(), Files.size(file));
            }
        }
        assertThat(sizes).containsKey("arc.json");
        return sizes;
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException, InterruptedException {
        for (int i = 0; i < 600; i++) {
            if (condition.holds()) {
                return;
            }
            Thread.sleep(100);
        }
        throw new AssertionError(
                "did not come about: " + Files.readString(scratch.resolve("daemon.err")));
    }
}
