package io.arcfs.it.kit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The {@code ./arc} command, run as a person or a script runs it. Immutable. */
public final class ArcCli {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path launcher;
    private final Map<String, String> environment;
    private final Duration limit;

    private ArcCli(Path launcher, Map<String, String> environment, Duration limit) {
        this.launcher = launcher;
        this.environment = new TreeMap<>(environment);
        this.limit = limit;
    }

    public static ArcCli ofThisProject() {
        return new ArcCli(Project.root().resolve("arc"), Map.of(), Duration.ofMinutes(10));
    }

    public ArcCli with(String variable, String value) {
        Map<String, String> more = new TreeMap<>(environment);
        more.put(variable, value);
        return new ArcCli(launcher, more, limit);
    }

    public ArcCli within(Duration longest) {
        return new ArcCli(launcher, environment, longest);
    }

    public Path launcher() {
        return launcher;
    }

    public Command command(Object... arguments) {
        List<Object> argv = new ArrayList<>();
        argv.add(launcher);
        argv.addAll(Arrays.asList(arguments));
        Command command = Command.of(argv.toArray()).within(limit);
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            command = command.with(variable.getKey(), variable.getValue());
        }
        return command;
    }

    public Command.Outcome run(Object... arguments) {
        return command(arguments).run();
    }

    public Command.Outcome succeed(Object... arguments) {
        return run(arguments).succeeded();
    }

    /** {@code arc status TARGET --json}. */
    public JsonNode status(Path target) {
        return json(succeed("status", target, "--json"));
    }

    /** {@code arc status --json}: every mounted volume. */
    public JsonNode statusOfAll() {
        return json(succeed("status", "--json"));
    }

    private static JsonNode json(Command.Outcome outcome) {
        try {
            return JSON.readTree(outcome.out());
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + outcome, e);
        }
    }
}
