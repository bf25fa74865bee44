package io.arcfs.cli.verb;

import io.arcfs.cli.manual.Completion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code arc completion}: what a shell reads to complete the command. */
@Command(name = "completion", description = "Print the completion script for a shell.")
final class CompletionVerb extends Verb {
    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish")
    String shell = "";

    @Override
    void run() {
        for (Completion completion : Completion.values()) {
            if (completion.toString().equals(shell)) {
                out().print(completion.scriptOf(ArcCommand.model()));
                out().flush();
                return;
            }
        }
        throw wrongArguments("SHELL must be bash, zsh or fish");
    }
}
