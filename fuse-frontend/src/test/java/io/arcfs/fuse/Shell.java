package io.arcfs.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Other processes that use a mount: what a test must not do from the process that serves it, such
 * as mapping a file, and what Java has no call for. Bounded in time.
 */
public final class Shell {
    private static final int LIMIT_SECONDS = 60;

    /** What a process said, both streams in one, and how it ended. */
    public record Outcome(int exitCode, String output) {}

    private Shell() {}

    /** Runs a script with {@code arguments} as $1, $2, ... in a directory. */
    public static Outcome run(Path directory, String script, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        command.addAll(List.of(arguments));
        return run(directory, command);
    }

    /** Runs a Python program with {@code arguments} as sys.argv[1:]. */
    public static Outcome python(Path directory, String program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", program));
        command.addAll(List.of(arguments));
        return run(directory, command);
    }

    public static boolean has(String program) throws IOException, InterruptedException {
        return run(Path.of("/"), "command -v " + program).exitCode() == 0;
    }

    private static Outcome run(Path directory, List<String> command)
            throws IOException, InterruptedException {
        Process process = start(directory, command);
        process.getOutputStream().close();
        Thread guard =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                                    process.destroyForcibly();
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        guard.join();
        return new Outcome(process.waitFor(), output);
    }

    public static Process start(Path directory, List<String> command) throws IOException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.directory(directory.toFile());
        builder.environment().put("LC_ALL", "C.UTF-8");
        return builder.start();
    }
}
