package io.arcfs.cli.manual;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Completion for fish: a line per verb and option. Stateless. */
final class FishCompletion {
    private FishCompletion() {}

    static String of(CommandLine command) {
        StringBuilder script = new StringBuilder();
        script.append("# Completion of arc for fish, made from the model of the command.\n");
        script.append(
                """
                # The verbs that stand on the line, options left out.
                function __arc_verbs
                    set -l words (commandline -opc)
                    set -e words[1]
                    string match -v -- '-*' $words
                end
                # Whether the line begins with exactly these verbs; what follows are arguments.
                function __arc_after
                    set -l verbs (__arc_verbs)
                    test (count $verbs) -ge (count $argv); or return 1
                    for i in (seq (count $argv))
                        test "$verbs[$i]" = "$argv[$i]"; or return 1
                    end
                end
                # The same, with nothing behind them.
                function __arc_at
                    test (count (__arc_verbs)) -eq (count $argv); and __arc_after $argv
                end
                """);
        for (CommandLine one : ManPage.all(command)) {
            addVerbs(script, one);
            addOptions(script, one.getCommandSpec());
        }
        return script.toString();
    }

    private static void addVerbs(StringBuilder script, CommandLine command) {
        String at = "__arc_at" + path(command.getCommandSpec());
        for (CommandLine verb : command.getSubcommands().values()) {
            CommandSpec spec = verb.getCommandSpec();
            if (!spec.usageMessage().hidden()) {
                script.append("complete -c arc -f -n '").append(at).append("' -a ");
                script.append(quoted(spec.name())).append(" -d ");
                script.append(quoted(ManPage.summary(spec))).append('\n');
            }
        }
    }

    private static void addOptions(StringBuilder script, CommandSpec spec) {
        String after = "__arc_after" + path(spec);
        for (OptionSpec option : spec.options()) {
            if (option.hidden()) {
                continue;
            }
            List<String> words = new ArrayList<>();
            for (String name : option.names()) {
                words.add(
                        name.startsWith("--")
                                ? "-l " + quoted(name.substring(2))
                                : "-s " + quoted(name.substring(1)));
            }
            script.append("complete -c arc -n '").append(after).append("' ");
            script.append(String.join(" ", words));
            script.append(option.arity().max() > 0 ? " -r" : "").append(" -d ");
            script.append(quoted(String.join(" ", option.description()))).append('\n');
        }
    }

    private static String path(CommandSpec spec) {
        String verbs = Examples.nameOf(spec);
        return verbs.isEmpty() ? "" : " " + verbs;
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
