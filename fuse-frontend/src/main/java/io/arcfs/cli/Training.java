package io.arcfs.cli;

import io.arcfs.cli.device.DeviceServerMain;
import io.arcfs.cli.verb.ArcCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the launcher runs once after a build, so that the JVM notes which classes short commands
 * need: they start in half the time then.
 */
public final class Training {
    private static final int DIRECTORIES = 20;
    private static final int FILES = 20;

    private Training() {}

    /**
     * @param arguments an empty directory, for what the commands work on
     */
    public static void main(String[] arguments) throws IOException {
        Path scratch = Path.of(arguments[0]);
        Path tree = scratch.resolve("tree");
        for (int d = 0; d < DIRECTORIES; d++) {
            Path directory = Files.createDirectories(tree.resolve("directory" + d));
            for (int f = 0; f < FILES; f++) {
                Files.writeString(directory.resolve("file" + f), "content".repeat(f * d));
            }
        }
        arc("mkfs", "--quiet", scratch + "/volume");
        arc("status", scratch + "/volume");
        arc("image", "build", tree.toString(), scratch + "/meta", "--blob", scratch + "/blob");
        arc("image", "build", tree.toString(), scratch + "/alone");
        arc("image", "merge", scratch + "/merged", scratch + "/meta", scratch + "/alone");
        arc("image", "check", scratch + "/merged");
        arc("image", "ls", scratch + "/merged");
        arc("status");
        arc("status", "--json");
        arc("config", "get", scratch + "/volume");
        arc("mount", scratch + "/volume", scratch + "/missing");
        arc("umount", scratch + "/volume");
        arc("explain", scratch + "/volume");
        arc("doctor");
        arc("--help");
        DeviceServerMain.load();
    }

    /** How a command ends does not matter here: a missing class would show in use. */
    private static void arc(String... arguments) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        ArcCommand.run(arguments, nowhere, nowhere);
    }
}
