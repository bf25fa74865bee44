package io.arcfs.cli.device;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.FailureText;
import io.arcfs.recovery.SafeText;
import io.arcfs.ublk.ServerProcess;
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
 * Starts the server of a device as a process in a session of its own and waits until the device is
 * live, or the server says why it is not. Confined to one thread.
 */
public final class DeviceServerProcess {
    /** A line of the server's standard output begins with one of these; others are the JVM's. */
    public static final String READY = "arcfs-device ready ";

    public static final String FAILED = "arcfs-device failed ";

    private static final long LOG_BYTES = 1 << 20;

    private static final int HEAP_MIB = 64;

    /** A volume's server has the whole tier in it. */
    private static final int VOLUME_HEAP_MIB = 256;

    /** With a heap that never grows or shrinks and whose pages are all there from the start. */
    private static final List<String> JVM =
            List.of(
                    "-XX:+UseSerialGC",
                    "-XX:+AlwaysPreTouch",
                    "-Xss512k",
                    "-XX:ReservedCodeCacheSize=48m",
                    "-XX:+ExitOnOutOfMemoryError");

    private DeviceServerProcess() {}

    /**
     * Serves a device again that a dead server left.
     *
     * @return the node of the device
     */
    public static String recover(DeviceRegistry registry, DeviceRecord device)
            throws CommandFailure, IOException, InterruptedException {
        return start(registry, device.target(), DeviceServerMain.recoverArguments(device.id()));
    }

    /**
     * @param target what kind of device it will be
     * @param arguments as {@link DeviceServerMain} takes them
     * @return the node of the device
     */
    public static String start(DeviceRegistry registry, String target, List<String> arguments)
            throws CommandFailure, IOException, InterruptedException {
        Path log = registry.log();
        if (Files.isRegularFile(log) && Files.size(log) > LOG_BYTES) {
            Files.delete(log);
        }
        ProcessBuilder builder =
                new ProcessBuilder(command(target, arguments))
                        .directory(new File("/"))
                        .redirectInput(new File("/dev/null"))
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // The new process inherits it from this thread, and has it before its JVM makes threads.
        boolean flusher = ServerProcess.beginFlusher();
        Process process;
        try {
            process = builder.start();
        } finally {
            if (flusher) {
                ServerProcess.endFlusher();
            }
        }
        Thread abandon = new Thread(process::destroy, "abandon-server");
        Runtime.getRuntime().addShutdownHook(abandon);
        String node = await(process, log);
        Runtime.getRuntime().removeShutdownHook(abandon);
        return node;
    }

    private static List<String> command(String target, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add("setsid");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        int heap = target.equals("volume") ? VOLUME_HEAP_MIB : HEAP_MIB;
        command.add("-Xms" + heap + "m");
        command.add("-Xmx" + heap + "m");
        command.addAll(JVM);
        // Made when the command was built; halves the time to start, and is not missed otherwise.
        Path cache = Path.of(System.getProperty("arcfs.device.cache", ""));
        if (Files.isRegularFile(cache)) {
            command.add("-XX:AOTCache=" + cache);
        }
        command.add("-Xlog:disable");
        command.addAll(
                Arrays.stream(System.getProperty("arcfs.device.jvm", "").split(" "))
                        .filter(word -> !word.isEmpty())
                        .toList());
        command.add("-Djava.library.path=" + System.getProperty("java.library.path", ""));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=deny");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(DeviceServerMain.class.getName());
        command.addAll(arguments);
        return command;
    }

    private static String await(Process process, Path log)
            throws CommandFailure, IOException, InterruptedException {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(READY)) {
                    return line.substring(READY.length());
                }
                if (line.startsWith(FAILED)) {
                    process.waitFor();
                    throw CommandFailure.ofLine(
                            line.substring(FAILED.length()), FailureText.DEBUG, null);
                }
            }
        }
        throw new CommandFailure(
                "device",
                "the server ended with exit code " + process.waitFor() + " before it served",
                "look into " + SafeText.of(log));
    }
}
