package io.arcfs.cli.manual;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Completion for zsh: a function per verb, in the words of _arguments. Stateless. */
final class ZshCompletion {
    private ZshCompletion() {}

    static String of(CommandLine command) {
        StringBuilder script = new StringBuilder();
        script.append("#compdef arc\n");
        script.append("# Completion of arc for zsh, made from the model of the command.\n");
        for (CommandLine one : ManPage.all(command)) {
            function(script, one);
        }
        script.append(
                """
                if [ "$funcstack[1]" = "_arc" ]; then
                    _arc "$@"
                else
                    compdef _arc arc
                fi
                """);
        return script.toString();
    }

    private static void function(StringBuilder script, CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        String name = "_" + spec.qualifiedName("_");
        List<CommandLine> verbs =
                command.getSubcommands().values().stream()
                        .filter(verb -> !verb.getCommandSpec().usageMessage().hidden())
                        .toList();
        script.append(name).append("() {\n");
        if (!verbs.isEmpty()) {
            script.append("    local context state state_descr line\n");
            script.append("    typeset -A opt_args\n");
        }
        script.append("    _arguments").append(verbs.isEmpty() ? "" : " -C");
        for (String argument : arguments(spec, !verbs.isEmpty())) {
            script.append(" \\\n        ").append(argument);
        }
        script.append('\n');
        if (!verbs.isEmpty()) {
            dispatch(script, verbs);
        }
        script.append("}\n");
    }

    private static void dispatch(StringBuilder script, List<CommandLine> verbs) {
        script.append("    case $state in\n    verb)\n        local -a verbs=(\n");
        for (CommandLine verb : verbs) {
            CommandSpec spec = verb.getCommandSpec();
            script.append("            ");
            script.append(quoted(spec.name() + ":" + ManPage.summary(spec))).append('\n');
        }
        script.append("        )\n        _describe -t verbs verb verbs\n        ;;\n");
        script.append("    rest)\n        case $line[1] in\n");
        for (CommandLine verb : verbs) {
            CommandSpec spec = verb.getCommandSpec();
            script.append("        ").append(spec.name()).append(") _");
            script.append(spec.qualifiedName("_")).append(" ;;\n");
        }
        script.append("        esac\n        ;;\n    esac\n");
    }

    private static List<String> arguments(CommandSpec spec, boolean hasVerbs) {
        List<String> arguments = new ArrayList<>();
        for (OptionSpec option : spec.options()) {
            if (option.hidden()) {
                continue;
            }
            String help = "[" + bracketed(String.join(" ", option.description())) + "]";
            String value = option.arity().max() > 0 ? ":" + option.paramLabel() + ":_files" : "";
            for (String name : option.names()) {
                arguments.add(quoted((option.isMultiValue() ? "*" : "") + name + help + value));
            }
        }
        if (hasVerbs) {
            arguments.add(quoted("1: :->verb"));
            arguments.add(quoted("*:: :->rest"));
            return arguments;
        }
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            String rest = parameter.index().isVariable() ? "*" : "";
            arguments.add(quoted(rest + ":" + parameter.paramLabel() + ":_files"));
        }
        return arguments;
    }

    private static String bracketed(String text) {
        return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]");
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
