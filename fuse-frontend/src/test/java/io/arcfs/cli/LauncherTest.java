package io.arcfs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's decisions, on a PATH of this test's making; nothing is built or installed. */
@Timeout(60)
class LauncherTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> NEEDED =
            List.of("sh", "readlink", "find", "mkdir", "touch", "flock", "uname", "date", "rm");

    @TempDir Path scratch;
    private Path programs = Path.of("");

    @BeforeEach
    void makePath() throws IOException {
        programs = Files.createDirectory(scratch.resolve("bin"));
        for (String name : NEEDED) {
            program(name, "exec /usr/bin/" + name + " \"$@\"");
        }
    }

    @Test
    void scriptsAreValidShell() throws Exception {
        for (String script :
                List.of("arc", "packaging/arc", "tools/setup.sh", "tools/start-daemon.sh")) {
            assertThat(run(Map.of(), "sh", "-n", ROOT.resolve(script).toString()).exitCode())
                    .isZero();
        }
    }

    @Test
    void shellcheckHasNothingToSay() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/shellcheck")), "needs shellcheck");
        Ran checked =
                run(
                        Map.of(),
                        "/usr/bin/shellcheck",
                        "-x",
                        "-P",
                        ROOT.toString(),
                        ROOT.resolve("arc").toString(),
                        ROOT.resolve("tools/setup.sh").toString(),
                        ROOT.resolve("tools/start-daemon.sh").toString());
        assertThat(checked.output()).isEmpty();
    }

    @Test
    void withoutAJdkOneLineSaysSo() throws Exception {
        // A tree that was never built: a build knows the JDK that made it, and asks no more.
        Path tools = Files.createDirectories(scratch.resolve("fresh/tools"));
        for (String part : List.of("setup.sh", "start-daemon.sh")) {
            Files.copy(ROOT.resolve("tools").resolve(part), tools.resolve(part));
        }
        Path arc = Files.copy(ROOT.resolve("arc"), scratch.resolve("fresh/arc"));
        Ran ran = run(Map.of("ARCFS_JDK_MIN", "99"), arc.toString(), "status");
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.output()).matches("arc: JDK: none of version 99 or later[^\n]*\n");
    }

    @Test
    void jdkIsFoundByItsReleaseFile() throws Exception {
        Path old = jdk("old", "17.0.1");
        Path young = jdk("young", "31.0.2");
        assertThat(findJdk(old, "31").exitCode()).isEqualTo(1);
        assertThat(findJdk(young, "31").output()).isEqualTo(young + "\n");
        Files.createSymbolicLink(programs.resolve("java"), young.resolve("bin/java"));
        assertThat(findJdk(old, "31").output()).isEqualTo(young + "\n");
    }

    @Test
    void missingPackagesAreNamedInOneLineToAUser() throws Exception {
        program("id", "echo 1000");
        program("apt-get", "exit 99");
        Ran ran = require("maven fuse3");
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.output())
                .isEqualTo(
                        "arc: missing packages: maven fuse3; run as root: apt-get update &&"
                                + " apt-get install maven fuse3\n");
    }

    @Test
    void whatIsThereIsNotInstalled() throws Exception {
        program("mvn", "exit 0");
        program("fusermount3", "exit 0");
        Ran ran = require("maven fuse3");
        assertThat(ran.exitCode()).as(ran.output()).isZero();
        assertThat(ran.output()).isEmpty();
    }

    @Test
    void rootInstallsWhatIsMissing() throws Exception {
        program("id", "echo 0");
        program("apt-cache", "exit 0");
        program("mktemp", "exec /usr/bin/mktemp \"$@\"");
        program("env", "shift; exec \"$@\"");
        Path calls = scratch.resolve("calls");
        program("apt-get", "echo \"$@\" >>" + calls);
        Ran ran = require("maven");
        assertThat(ran.exitCode()).as(ran.output()).isZero();
        assertThat(ran.output()).isEqualTo("arc: installing packages: maven\n");
        assertThat(Files.readString(calls)).containsSubsequence("update\n", "install", "maven\n");
    }

    @Test
    void failedInstallationNamesItsLog() throws Exception {
        program("id", "echo 0");
        program("apt-cache", "exit 0");
        program("mktemp", "echo " + scratch.resolve("log"));
        program("env", "shift; exec \"$@\"");
        program("apt-get", "echo no network; exit 100");
        Ran ran = require("maven");
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.output()).contains("could not install them; see " + scratch.resolve("log"));
        assertThat(Files.readString(scratch.resolve("log"))).contains("no network");
    }

    private Ran require(String packages) throws Exception {
        String script = ". '" + ROOT.resolve("tools/setup.sh") + "'; arcfs_require_packages ";
        return run(Map.of(), "sh", "-euc", script + packages);
    }

    private Ran findJdk(Path home, String minimum) throws Exception {
        String script =
                ". '"
                        + ROOT.resolve("tools/setup.sh")
                        + "'; arcfs_find_jdk && printf '%s\\n' \"$JAVA_HOME\"";
        return run(
                Map.of("JAVA_HOME", home.toString(), "ARCFS_JDK_MIN", minimum),
                "sh",
                "-euc",
                script);
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = Files.createDirectories(scratch.resolve(name));
        Files.createDirectory(home.resolve("bin"));
        for (String program : List.of("java", "javac")) {
            makeExecutable(home.resolve("bin").resolve(program), "exit 0");
        }
        Files.writeString(home.resolve("release"), "A=\"b\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private void program(String name, String body) throws IOException {
        makeExecutable(programs.resolve(name), body);
    }

    private static void makeExecutable(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Exit code, and standard output and error together. */
    private record Ran(int exitCode, String output) {}

    private Ran run(Map<String, String> environment, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.directory(scratch.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", programs.toString());
        builder.environment().put("HOME", scratch.toString());
        builder.environment().put("TMPDIR", scratch.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), output);
    }
}
