package io.arcfs.cli.verb;

import picocli.CommandLine;

/** The command's model, for tests of what is made from it. */
public final class ArcModel {
    private ArcModel() {}

    public static CommandLine get() {
        return ArcCommand.model();
    }
}
