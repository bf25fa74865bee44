package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.arcfs.it.kit.ArcCli;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.JsonSchema;
import io.arcfs.it.kit.Mounts;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an owner of an archive looks at and is told: states, causes, metrics, screens. */
@Tag("fuse")
@Needs(Capability.FUSE)
class OperationsIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FILM_BYTES = 3_000_000;

    private static Path scratch = Path.of("");
    private static TestVolume volume;

    @BeforeAll
    static void archiveAndEvictAFilm() throws IOException {
        scratch = Scratch.directory("ops");
        Path cold = Files.createDirectory(scratch.resolve("cold"));
        volume =
                TestVolume.make(
                        "--cold",
                        "sim:" + cold + "?load=1s&locate=1s&mbps=60&scale=0.01",
                        "--set",
                        "metrics.listen=unix:" + scratch.resolve("metrics"));
        volume.mount();
        byte[] film = new byte[FILM_BYTES];
        new Random(3).nextBytes(film);
        Files.write(volume.mountPoint().resolve("film.mkv"), film);
        Files.write(volume.mountPoint().resolve("seen.mkv"), film);
        Files.write(volume.mountPoint().resolve("who.mkv"), film);
        assertThat(state("film.mkv")).isEqualTo("upper");
        volume.arc("archive");
        assertThat(state("film.mkv")).isEqualTo("ssd");
        volume.arc("flush");
        volume.arc("evict");
        volume.unmount(); // with what the kernel has cached
        volume.mount();
    }

    @AfterAll
    static void putAway() {
        if (volume != null) {
            volume.close();
        }
        Scratch.delete(scratch);
    }

    private static String state(String name) {
        return xattr(name, "user.arc.state");
    }

    private static String xattr(String name, String attribute) {
        return Command.of(
                        "getfattr",
                        "--only-values",
                        "-n",
                        attribute,
                        volume.mountPoint().resolve(name))
                .succeed()
                .out()
                .strip();
    }

    @Test
    void stateAndCostAreToldWithoutTouchingAMedium() throws IOException {
        long before = objectsRead();
        assertThat(state("film.mkv")).isIn("cold", "partial");
        assertThat(Integer.parseInt(xattr("film.mkv", "user.arc.eta"))).isBetween(1, 5);
        String json =
                volume.arc()
                        .succeed("explain", "--json", volume.mountPoint().resolve("film.mkv"))
                        .out();
        JsonSchema.assertValid("explain", json);
        JsonNode film = JSON.readTree(json).get(0);
        assertThat(film.path("sizeBytes").asLong()).isEqualTo(FILM_BYTES);
        assertThat(film.at("/recall/coldObjects").asLong()).isBetween(1L, 13L);
        assertThat(film.at("/recall/mounts").asInt()).isEqualTo(1);
        assertThat(film.at("/recall/seconds").asDouble()).isPositive();
        assertThat(volume.arc().succeed("explain", volume.mountPoint()).out())
                .contains("in 3 files", "a recall");
        assertThat(objectsRead()).isEqualTo(before);
    }

    @Test
    void copiesWithAllXattrsNeitherCarryNorMissTheStates() throws IOException {
        Path target = Files.createDirectory(scratch.resolve("copies"));
        Path seen = volume.mountPoint().resolve("seen.mkv");
        assertThat(Command.of("cp", "-a", seen, target.resolve("cp")).succeed().err()).isEmpty();
        assertThat(Command.of("rsync", "-aX", seen, target.resolve("rsync")).succeed().err())
                .isEmpty();
        assertThat(Command.of("getfattr", "-d", target.resolve("cp")).succeed().out()).isEmpty();
        Command.of("cp", "-a", target.resolve("cp"), volume.mountPoint().resolve("back")).succeed();
        Command.Outcome set =
                Command.of("setfattr", "-n", "user.arc.state", "-v", "cold", seen).run();
        assertThat(set.exit()).isNotZero();
        assertThat(set.err()).contains("Operation not permitted");
        Files.delete(volume.mountPoint().resolve("back"));
    }

    @Test
    void namedProgramGetsAnErrorAtOnceAndIsLogged() throws IOException {
        long refused = volume.status().at("/recall/refused").asLong();
        long before = objectsRead();
        Path thumbnailer = scratch.resolve("ffmpegthumbnailer");
        Command.of("cp", "/bin/dd", thumbnailer).succeed();
        // Behind everything that a head cache may hold.
        Command.Outcome read =
                Command.of(
                                thumbnailer,
                                "if=" + volume.mountPoint().resolve("film.mkv"),
                                "of=/dev/null",
                                "bs=4096",
                                "skip=300",
                                "count=1",
                                "iflag=direct")
                        .run();
        assertThat(read.exit()).isNotZero();
        assertThat(read.err()).contains("Permission denied");
        assertThat(objectsRead()).isEqualTo(before);
        String json = volume.arc().succeed("status", volume.volume(), "--json").out();
        JsonSchema.assertValid("status", json);
        JsonNode status = JSON.readTree(json);
        assertThat(status.at("/recall/refused").asLong()).isGreaterThan(refused);
        assertThat(status.at("/recall/causes").findValuesAsText("command"))
                .contains("ffmpegthumbnailer");
        assertThat(Files.readString(volume.volume().resolve("log/recalls.log")))
                .contains("recall refused", "command=\"ffmpegthumbnailer\"", "path=\"film.mkv\"");
    }

    @Test
    void whoCausedARecallIsNamed() throws IOException {
        volume.arc("evict"); // readahead for others may have brought it
        Path cat = scratch.resolve("a-player");
        Command.of("cp", "/bin/cat", cat).succeed();
        Command.of(cat, volume.mountPoint().resolve("who.mkv")).succeed();
        assertThat(Files.readString(volume.volume().resolve("log/recalls.log")))
                .contains("command=\"a-player\" path=\"who.mkv\"");
        assertThat(volume.arc().succeed("status", volume.volume()).out())
                .contains("Recalls were caused by", "a-player");
    }

    @Test
    void metricsArePrometheusText() {
        String text =
                Command.of(
                                "curl",
                                "-sf",
                                "--unix-socket",
                                scratch.resolve("metrics"),
                                "http://localhost/metrics")
                        .succeed()
                        .out();
        assertThat(text)
                .contains(
                        "# TYPE arcfs_operation_seconds histogram",
                        "arcfs_tier_bytes{tier=\"cold\"}",
                        "arcfs_recall_queue{state=\"queued\"} 0.0",
                        "arcfs_medium_ok{");
        assertThat(text.lines())
                .allMatch(line -> line.matches("#.*|[a-z_]+(\\{[^}]*\\})? [-+0-9.eEInfa]+"));
    }

    @Test
    void metricsPortThatIsTakenRefusesTheMount() throws IOException {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        try (ServerSocket taken = new ServerSocket(0, 1, loopback);
                TestVolume other =
                        TestVolume.make(
                                "--set", "metrics.listen=loopback:" + taken.getLocalPort())) {
            Command.Outcome refused = other.arc().run("mount", other.volume(), other.mountPoint());
            assertOneLine(refused, 1);
            assertThat(refused.err()).contains("metrics.listen", "" + taken.getLocalPort());
            assertThat(Mounts.isMounted(other.mountPoint())).isFalse();
        }
    }

    @Test
    void unknownKeysAndValuesChangeNothing() throws IOException {
        Path descriptor = volume.volume().resolve("arc.json");
        String before = Files.readString(descriptor);
        String[][] wrong = {
            {"nosuch.key", "1"},
            {"archive.treshold", "1"},
            {"archive.threshold", "10GB"},
            {"archive.maxAge", "-1"},
            {"copies", "2"},
            {"metrics.listen", "0.0.0.0:9464"},
            {"metrics.listen", "loopback:0"},
            {"metrics.listen", "unix:relative"},
            {"recall.refuse", "a/b"},
            {"recall", "x"},
            {"uuid", "x"},
            {"geometry.blockBytes", "512"}
        };
        for (String[] pair : wrong) {
            Command.Outcome refused =
                    volume.arc().run("config", "set", volume.volume(), pair[0], pair[1]);
            assertOneLine(refused, 1);
            assertThat(refused.err()).contains(pair[0].replaceFirst("\\..*", ""));
        }
        assertThat(descriptor).hasContent(before);
    }

    @Test
    void pathOutsideAVolumeIsNamed() {
        for (Object path : new Object[] {"/etc/passwd", scratch.resolve("none"), ".", ""}) {
            assertOneLine(volume.arc().run("explain", path), 1);
        }
        assertOneLine(volume.arc().run("explain", volume.mountPoint().resolve("no such")), 1);
        assertOneLine(volume.arc().run("explain"), 2);
    }

    @Test
    void screenOfTwentyColumnsIsDrawnInPlace() throws IOException {
        Path typed = scratch.resolve("typescript");
        String watch = ArcCli.ofThisProject().launcher() + " status --watch " + volume.volume();
        String command = "stty cols 20 rows 10; " + watch;
        // Flushed as it is typed: what has been drawn is looked at while it is being drawn.
        ProcessBuilder builder =
                new ProcessBuilder("script", "-qefc", command, typed.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("TERM", "xterm");
        Process script = builder.start();
        try {
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> Files.exists(typed) && drawnTwice(Files.readString(typed)));
        } finally {
            script.descendants().forEach(ProcessHandle::destroy);
            script.destroy();
        }
        String drawn = Files.readString(typed);
        assertThat(drawn).contains("\u001b[9A"); // back to the first of nine lines
        for (String line : drawn.split("\r?\n")) {
            String bare = line.replaceAll("\u001b\\[[0-9;]*[A-Za-z]", "").replace("\r", "");
            if (!bare.startsWith("Script")) {
                assertThat(bare.length()).as(bare).isLessThanOrEqualTo(20);
            }
        }
    }

    /** The first of nine lines, once more, and all of them. */
    private static boolean drawnTwice(String drawn) {
        int back = drawn.indexOf("\u001b[9A");
        return back >= 0 && drawn.indexOf("\u001b[9A", back + 1) > back;
    }

    @Test
    void colourIsOnlyForTerminalsThatWantIt() {
        String arc = ArcCli.ofThisProject().launcher() + " status " + volume.volume();
        String script = "script -qec \"" + arc + "\" /dev/null";
        assertThat(Command.of("sh", "-c", "TERM=xterm " + script).run().out()).contains("\u001b[");
        assertThat(Command.of("sh", "-c", "TERM=xterm NO_COLOR=1 " + script).run().out())
                .doesNotContain("\u001b[");
        assertThat(volume.arc().succeed("status", volume.volume()).out()).doesNotContain("\u001b");
    }

    @Test
    void closedOutputEndsInOneLine() {
        String arc = ArcCli.ofThisProject().launcher() + " status " + volume.volume();
        Command.Outcome closed = Command.of("sh", "-c", arc + " >&-").run();
        assertOneLine(closed, 1);
        Command.Outcome full = Command.of("sh", "-c", arc + " >/dev/full").run();
        assertOneLine(full, 1);
        // A watcher whose reader has gone ends by itself.
        Command.of("timeout", "60", "sh", "-c", arc + " --watch | head -n 1 >/dev/null").succeed();
    }

    private static long objectsRead() {
        return volume.status().at("/cold/0/objectsRead").asLong();
    }

    private static void assertOneLine(Command.Outcome outcome, int exitCode) {
        assertThat(outcome.exit()).as(outcome.toString()).isEqualTo(exitCode);
        assertThat(outcome.err().lines()).as(outcome.err()).hasSize(1);
        assertThat(outcome.err()).startsWith("arc: ").doesNotContain("Exception");
    }
}
