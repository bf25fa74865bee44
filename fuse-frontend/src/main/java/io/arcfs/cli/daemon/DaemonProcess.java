package io.arcfs.cli.daemon;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.FailureText;
import io.arcfs.recovery.SafeText;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Starts the daemon as a process in a session of its own, and waits until it serves or says why it
 * does not. The daemon tells through its standard output, one line; the rest goes to
 * VOLUME/log/daemon.log. Confined to one thread.
 */
public final class DaemonProcess {
    /** Lines of the daemon's standard output begin with one of these; others are the JVM's. */
    public static final String READY = "arcfs-daemon ready";

    public static final String FAILED = "arcfs-daemon failed ";

    private static final String MAIN_CLASS = "io.arcfs.cli.Main";
    private static final long DAEMON_LOG_BYTES = 1 << 20;

    private DaemonProcess() {}

    /**
     * @param arguments of the arc command that makes a process the daemon
     */
    public static void start(MountPlan plan, List<String> arguments)
            throws CommandFailure, IOException, InterruptedException {
        Path log = plan.volume().logDirectory().resolve("daemon.log");
        Files.createDirectories(plan.volume().logDirectory());
        if (Files.isRegularFile(log) && Files.size(log) > DAEMON_LOG_BYTES) {
            Files.delete(log);
        }
        Process process =
                new ProcessBuilder(command(plan, arguments))
                        .directory(new File("/"))
                        .redirectInput(new File("/dev/null"))
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        // Interrupted while it starts, the command takes the daemon with it.
        Thread abandon = new Thread(process::destroy, "abandon-daemon");
        Runtime.getRuntime().addShutdownHook(abandon);
        await(process, log);
        Runtime.getRuntime().removeShutdownHook(abandon);
    }

    private static List<String> command(MountPlan plan, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add("setsid");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(words(System.getProperty("arcfs.daemon.jvm", "-Xmx1g")));
        command.add("-Djava.library.path=" + System.getProperty("java.library.path", ""));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=deny");
        command.add("-XX:ErrorFile=" + plan.volume().logDirectory().resolve("hs_err_%p.log"));
        command.addAll(words(System.getenv().getOrDefault("ARCFS_JAVA_OPTIONS", "")));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(MAIN_CLASS);
        command.addAll(arguments);
        return command;
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(" ")).filter(word -> !word.isEmpty()).toList();
    }

    private static void await(Process process, Path log)
            throws CommandFailure, IOException, InterruptedException {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.equals(READY)) {
                    return;
                }
                if (line.startsWith(FAILED)) {
                    process.waitFor();
                    throw CommandFailure.ofLine(
                            line.substring(FAILED.length()), FailureText.DEBUG, null);
                }
            }
        }
        throw new CommandFailure(
                "mount",
                "the daemon ended with exit code " + process.waitFor() + " before it served",
                "look into " + SafeText.of(log));
    }
}
