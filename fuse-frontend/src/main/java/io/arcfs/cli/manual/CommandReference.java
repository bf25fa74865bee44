package io.arcfs.cli.manual;

import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The help of the command and of every verb as one document (docs/commands.md). Stateless. */
public final class CommandReference {
    private CommandReference() {}

    public static String of(CommandLine command) {
        StringBuilder document = new StringBuilder();
        document.append("# The arc command\n\n");
        document.append("Made from the command itself: `./arc manual commands.md`. ");
        document.append("TARGET is a volume directory or a mountpoint.\n");
        for (CommandLine one : ManPage.all(command)) {
            document.append("\n## ").append(one.getCommandSpec().qualifiedName(" "));
            document.append("\n\n```\n").append(one.getUsageMessage(Ansi.OFF)).append("```\n");
        }
        return document.toString();
    }
}
