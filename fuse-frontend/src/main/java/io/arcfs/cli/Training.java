package io.arcfs.cli;

import io.arcfs.cli.verb.ArcCommand;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;

/**
 * What the launcher runs once after a build, so that the JVM notes which classes short commands
 * need: they start in half the time then. Every class that is noted is loaded at each start, so
 * what only images need is noted apart by {@link ImageTraining}, and what only the server of a
 * device needs by {@link DeviceTraining}.
 */
public final class Training {
    private Training() {}

    /**
     * @param arguments an empty directory, for what the commands work on
     */
    public static void main(String[] arguments) {
        Path scratch = Path.of(arguments[0]);
        arc("mkfs", "--quiet", scratch + "/volume");
        arc("status", scratch + "/volume");
        arc("status");
        arc("status", "--json");
        arc("config", "get", scratch + "/volume");
        arc("mount", scratch + "/volume", scratch + "/missing");
        arc("umount", scratch + "/volume");
        arc("explain", scratch + "/volume");
        arc("doctor");
        arc("--help");
    }

    /** How a command ends does not matter here: a missing class would show in use. */
    static void arc(String... arguments) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        ArcCommand.run(arguments, nowhere, nowhere);
    }
}
