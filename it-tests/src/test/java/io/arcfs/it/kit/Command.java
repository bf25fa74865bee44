package io.arcfs.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program of the machine to run to its end. Output goes to files, not pipes: a daemon that kept
 * the caller's output open cannot make a test wait for ever. Immutable.
 */
public final class Command {
    private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(5);

    private final List<String> argv;
    private final Map<String, String> environment;
    private final @Nullable Path directory;
    private final Duration limit;

    private Command(
            List<String> argv,
            Map<String, String> environment,
            @Nullable Path directory,
            Duration limit) {
        this.argv = List.copyOf(argv);
        this.environment = new TreeMap<>(environment);
        this.directory = directory;
        this.limit = limit;
    }

    public static Command of(Object... argv) {
        List<String> words = new ArrayList<>();
        for (Object word : argv) {
            if (word instanceof List<?> several) {
                several.forEach(one -> words.add(one.toString()));
            } else {
                words.add(word.toString());
            }
        }
        return new Command(words, Map.of(), null, DEFAULT_LIMIT);
    }

    public Command in(Path workingDirectory) {
        return new Command(argv, environment, workingDirectory, limit);
    }

    public Command with(String variable, String value) {
        Map<String, String> more = new TreeMap<>(environment);
        more.put(variable, value);
        return new Command(argv, more, directory, limit);
    }

    public Command within(Duration longest) {
        return new Command(argv, environment, directory, longest);
    }

    /** Runs to the end, whatever the exit code; running over the limit is an error. */
    public Outcome run() {
        Path out = temporary("out");
        Path err = temporary("err");
        try {
            Process process = start(out, err);
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
                throw new AssertionError(
                        "still running after %s: %s%n%s"
                                .formatted(limit, shown(), Files.readString(err)));
            }
            return new Outcome(
                    shown(), process.exitValue(), Files.readAllBytes(out), Files.readAllBytes(err));
        } catch (IOException e) {
            throw new UncheckedIOException(shown(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted: " + shown(), e);
        } finally {
            delete(out);
            delete(err);
        }
    }

    /** Runs, and fails the test unless it exits with 0. */
    public Outcome succeed() {
        return run().succeeded();
    }

    /** Starts without waiting; the caller ends the process. */
    public Process start(Path out, Path err) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(argv)
                        .redirectInput(new java.io.File("/dev/null"))
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        return builder.start();
    }

    private String shown() {
        return String.join(" ", argv);
    }

    private static Path temporary(String kind) {
        try {
            return Files.createTempFile("arcfs-command-", "." + kind);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How a command ended. Immutable. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Outcome(String command, int exit, byte[] stdout, byte[] stderr) {
        public String out() {
            return new String(stdout, StandardCharsets.UTF_8);
        }

        public String err() {
            return new String(stderr, StandardCharsets.UTF_8);
        }

        public Outcome succeeded() {
            if (exit != 0) {
                throw new AssertionError(this);
            }
            return this;
        }

        @Override
        public String toString() {
            return "%s%nexit code %d%nstdout: %s%nstderr: %s"
                    .formatted(command, exit, tail(out()), tail(err()));
        }

        private static String tail(String text) {
            return text.length() <= 4000 ? text : "..." + text.substring(text.length() - 4000);
        }
    }
}
