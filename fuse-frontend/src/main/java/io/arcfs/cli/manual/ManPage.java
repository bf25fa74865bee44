package io.arcfs.cli.manual;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Manual pages in the man(7) macros: one of the command, one of each verb ({@code
 * arc-media-list.1}). Stateless.
 */
public final class ManPage {
    private static final String SECTION = "1";

    private ManPage() {}

    /** Writes the pages of the command and of all its verbs into a folder. */
    public static void writeAll(CommandLine command, Path directory) throws IOException {
        Files.createDirectories(directory);
        for (CommandLine one : all(command)) {
            CommandSpec spec = one.getCommandSpec();
            Path file = directory.resolve(pageName(spec) + "." + SECTION);
            Files.writeString(file, of(one), StandardCharsets.UTF_8);
        }
    }

    /** The command, then its visible verbs, theirs behind each. */
    static List<CommandLine> all(CommandLine command) {
        List<CommandLine> found = new ArrayList<>();
        found.add(command);
        for (CommandLine verb : command.getSubcommands().values()) {
            if (!verb.getCommandSpec().usageMessage().hidden()) {
                found.addAll(all(verb));
            }
        }
        return found;
    }

    static String pageName(CommandSpec spec) {
        return spec.qualifiedName("-");
    }

    static String of(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        StringBuilder page = new StringBuilder();
        page.append(".TH \"").append(pageName(spec).toUpperCase(java.util.Locale.ROOT));
        page.append("\" \"").append(SECTION).append("\" \"\" \"arcfs\" \"User Commands\"\n");
        page.append(".SH NAME\n").append(escaped(pageName(spec))).append(" \\- ");
        page.append(escaped(summary(spec))).append('\n');
        synopsis(page, command);
        page.append(".SH DESCRIPTION\n");
        for (String line : spec.usageMessage().description()) {
            page.append(escaped(line)).append('\n');
        }
        parameters(page, spec);
        options(page, spec);
        verbs(page, command);
        examples(page, spec);
        page.append(".SH EXIT STATUS\n0 done, 2 wrong arguments, 1 everything else.\n");
        seeAlso(page, command);
        return page.toString();
    }

    static String summary(CommandSpec spec) {
        String[] description = spec.usageMessage().description();
        return description.length == 0 ? "" : description[0].replaceFirst("\\.$", "");
    }

    private static void synopsis(StringBuilder page, CommandLine command) {
        String synopsis = command.getHelp().synopsis(0).strip();
        page.append(".SH SYNOPSIS\n.nf\n");
        synopsis.lines().forEach(line -> page.append(escaped(line)).append('\n'));
        page.append(".fi\n");
    }

    private static void parameters(StringBuilder page, CommandSpec spec) {
        List<PositionalParamSpec> shown =
                spec.positionalParameters().stream().filter(p -> !p.hidden()).toList();
        if (!shown.isEmpty()) {
            page.append(".SH ARGUMENTS\n");
        }
        for (PositionalParamSpec parameter : shown) {
            page.append(".TP\n\\fI").append(escaped(parameter.paramLabel())).append("\\fR\n");
            page.append(escaped(String.join(" ", parameter.description()))).append('\n');
        }
    }

    private static void options(StringBuilder page, CommandSpec spec) {
        page.append(".SH OPTIONS\n");
        for (OptionSpec option : spec.options()) {
            if (option.hidden()) {
                continue;
            }
            page.append(".TP\n\\fB");
            page.append(
                    Arrays.stream(option.names())
                            .map(ManPage::escaped)
                            .collect(Collectors.joining("\\fR, \\fB")));
            page.append("\\fR");
            if (option.arity().max() > 0) {
                page.append(" \\fI").append(escaped(option.paramLabel())).append("\\fR");
            }
            page.append('\n').append(escaped(String.join(" ", option.description()))).append('\n');
        }
    }

    private static void verbs(StringBuilder page, CommandLine command) {
        List<CommandLine> verbs =
                command.getSubcommands().values().stream()
                        .filter(verb -> !verb.getCommandSpec().usageMessage().hidden())
                        .toList();
        if (!verbs.isEmpty()) {
            page.append(".SH COMMANDS\n");
        }
        for (CommandLine verb : verbs) {
            CommandSpec spec = verb.getCommandSpec();
            page.append(".TP\n\\fB").append(escaped(spec.name())).append("\\fR\n");
            page.append(escaped(summary(spec))).append('\n');
        }
    }

    private static void examples(StringBuilder page, CommandSpec spec) {
        List<String> examples = Examples.of(spec);
        if (!examples.isEmpty()) {
            page.append(".SH EXAMPLES\n");
        }
        for (int i = 0; i < examples.size(); i += 2) {
            page.append(".TP\n\\fB").append(escaped(examples.get(i))).append("\\fR\n");
            page.append(escaped(examples.get(i + 1))).append('\n');
        }
    }

    private static void seeAlso(StringBuilder page, CommandLine command) {
        List<String> others = new ArrayList<>();
        if (command.getParent() != null) {
            others.add(pageName(command.getParent().getCommandSpec()));
        }
        for (CommandLine verb : command.getSubcommands().values()) {
            if (!verb.getCommandSpec().usageMessage().hidden()) {
                others.add(pageName(verb.getCommandSpec()));
            }
        }
        page.append(".SH SEE ALSO\n");
        for (int i = 0; i < others.size(); i++) {
            page.append(".BR ").append(escaped(others.get(i))).append(" (1)");
            page.append(i + 1 < others.size() ? ",\n" : "\n");
        }
    }

    /** Nothing of the text is read as a request or an escape. */
    private static String escaped(String text) {
        String safe = text.replace("\\", "\\\\").replace("-", "\\-");
        return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
    }
}
