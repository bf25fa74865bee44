package io.arcfs.cli.manual;

import java.util.List;
import picocli.CommandLine;

/** Verbs that print JSON. */
public final class JsonVerbs {
    private JsonVerbs() {}

    public static List<String> of(CommandLine command) {
        return ManPage.all(command).stream()
                .map(CommandLine::getCommandSpec)
                .filter(spec -> spec.findOption("--json") != null)
                .map(Examples::nameOf)
                .toList();
    }
}
