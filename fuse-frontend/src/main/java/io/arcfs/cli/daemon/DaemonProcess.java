package io.arcfs.cli.daemon;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.FailureText;
import io.arcfs.recovery.SafeText;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Starts the daemon of a mount from a command that is not itself the launcher's {@code arc mount},
 * as a process in a session of its own, and waits until it serves or says why it does not ({@link
 * Detachment}). Its standard error goes to VOLUME/log/daemon.log. Confined to one thread.
 */
public final class DaemonProcess {
    private static final String MAIN_CLASS = "io.arcfs.cli.Main";
    private static final String ANSWER = Detachment.ANSWER + " ";
    private static final String COMMAND = "arc: ";

    private DaemonProcess() {}

    /**
     * @param arguments of {@code arc mount}
     */
    public static void start(MountPlan plan, List<String> arguments)
            throws CommandFailure, IOException, InterruptedException {
        Path log = Detachment.logOf(plan.volume());
        Process process =
                new ProcessBuilder(command(arguments))
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

    private static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add("setsid");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(words(System.getProperty("arcfs.daemon.jvm", "-Xmx1g")));
        command.add("-Djava.library.path=" + System.getProperty("java.library.path", ""));
        command.add("-D" + Detachment.PROPERTY + "=true");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=deny");
        command.addAll(words(System.getenv().getOrDefault("ARCFS_JAVA_OPTIONS", "")));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(MAIN_CLASS);
        command.add("mount");
        command.addAll(arguments);
        return command;
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(" ")).filter(word -> !word.isEmpty()).toList();
    }

    private static void await(Process process, Path log)
            throws CommandFailure, IOException, InterruptedException {
        String output;
        try (InputStream out = process.getInputStream()) {
            output = new String(out.readAllBytes(), StandardCharsets.UTF_8);
        }
        int answer = output.indexOf(ANSWER);
        if (answer < 0) {
            throw new CommandFailure(
                    "mount",
                    "the daemon ended with exit code " + process.waitFor() + " before it served",
                    "look into " + SafeText.of(log));
        }
        // The exit code, the line for the user, and with --debug where it came from.
        String[] told = output.substring(answer + ANSWER.length()).split("\n", 3);
        if (!told[0].equals("0")) {
            process.waitFor();
            String line = told[1];
            throw CommandFailure.ofLine(
                    line.startsWith(COMMAND) ? line.substring(COMMAND.length()) : line,
                    FailureText.DEBUG,
                    null);
        }
    }
}
