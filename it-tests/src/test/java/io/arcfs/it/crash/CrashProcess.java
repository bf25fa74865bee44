package io.arcfs.it.crash;

import io.arcfs.it.kit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A child JVM of a crash test, with the test's own classes. Confined to one thread. */
final class CrashProcess {
    /** What the shell shows of a process that was ended by kill -9. */
    static final int KILLED = 137;

    private final Process process;
    private final Path output;

    private CrashProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * @param options of the JVM, for example -Darcfs.failpoint=...
     */
    static CrashProcess start(
            Class<?> main, Path directory, List<String> options, Object... arguments)
            throws IOException {
        return start(List.of(), main, directory, options, arguments);
    }

    /**
     * The same before the machine was booted: whoever looks later finds another boot id than the
     * kernel's. Needs root.
     */
    static CrashProcess startBeforeReboot(
            Class<?> main, Path directory, List<String> options, Object... arguments)
            throws IOException {
        Path bootId = Files.writeString(directory.resolve("boot_id"), UUID.randomUUID() + "\n");
        String bindAndRun = "mount --bind \"$0\" /proc/sys/kernel/random/boot_id && exec \"$@\"";
        return start(
                List.of("unshare", "-m", "sh", "-c", bindAndRun, bootId.toString()),
                main,
                directory,
                options,
                arguments);
    }

    /**
     * @param before words of a command that runs the one behind it
     */
    static CrashProcess start(
            List<String> before,
            Class<?> main,
            Path directory,
            List<String> options,
            Object... arguments)
            throws IOException {
        List<String> jvm =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.library.path=" + library());
        ChildClasses classes = ChildClasses.get(jvm);
        List<String> argv = new ArrayList<>(before);
        argv.addAll(jvm);
        argv.addAll(classes.cache());
        argv.addAll(options);
        argv.addAll(List.of("-cp", classes.path(), main.getName()));
        Arrays.stream(arguments).map(Object::toString).forEach(argv::add);
        Path output = Files.createTempFile(directory, "child", ".out");
        return new CrashProcess(
                new ProcessBuilder(argv)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start(),
                output);
    }

    /** RocksDB's library, unpacked once for all children instead of into /tmp by each. */
    private static synchronized Path library() throws IOException {
        Path folder = Project.target().resolve("native");
        String name =
                "librocksdbjni-linux"
                        + (System.getProperty("os.arch").equals("aarch64") ? "-aarch64" : "64")
                        + ".so";
        if (!Files.exists(folder.resolve(name))) {
            Files.createDirectories(folder);
            try (var in = CrashProcess.class.getClassLoader().getResourceAsStream(name)) {
                if (in != null) {
                    Path draft = Files.createTempFile(folder, "lib", ".tmp");
                    Files.copy(in, draft, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                    Files.move(draft, folder.resolve(name));
                }
            }
        }
        return folder;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The exit code once it has ended; it is killed when the time is over. */
    int await(Duration longest) throws IOException, InterruptedException {
        if (!process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
            throw new AssertionError("still running after " + longest + ": " + output());
        }
        return process.exitValue();
    }

    /** Waits until a first step was acknowledged. */
    void awaitWork(Path ledger) throws IOException, InterruptedException {
        for (int i = 0; i < 1200 && isAlive(); i++) {
            if (Files.readString(ledger).contains("E ")) {
                return;
            }
            Thread.sleep(100);
        }
        kill();
        throw new AssertionError("no work was done: " + output());
    }

    /** Asks it to end, and waits. */
    void terminate() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    String output() throws IOException {
        return Files.readString(output);
    }
}
