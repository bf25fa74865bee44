package io.arcfs.cli.verb;

import io.arcfs.cli.FailureText;
import io.arcfs.cli.manual.Examples;
import io.arcfs.recovery.SafeText;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root of the command: finds the verb, runs it, and makes one line of what fails (C1). */
@Command(
        name = "arc",
        description = "An archive file system: what you copy in moves to cold media and back.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "TARGET is a volume directory or a mountpoint. SIZE is 4096, 64K, 100M or 2G.",
            "Exit codes: 0 done, 2 wrong arguments, 1 everything else."
        })
public final class ArcCommand implements Runnable {
    @Spec CommandSpec spec;

    @CommandLine.Mixin CommonOptions common = new CommonOptions();

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before anything runs
    ArcCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** The command with all its verbs, as help, manual and completion show it. */
    static CommandLine model() {
        CommandLine command = new CommandLine(new ArcCommand());
        Verbs.addAll(command);
        return finished(command);
    }

    private static CommandLine finished(CommandLine command) {
        command.setExpandAtFiles(false).setUsageHelpAutoWidth(false);
        Examples.addTo(command);
        return command;
    }

    /** Runs the command and returns its exit code; nothing is thrown. */
    public static int run(String[] arguments, PrintWriter out, PrintWriter err) {
        CommandLine command = new CommandLine(new ArcCommand());
        Verbs.addNamed(command, arguments);
        finished(command)
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(ArcCommand::wrongArguments)
                .setExecutionExceptionHandler(ArcCommand::failed);
        return command.execute(arguments);
    }

    private static int wrongArguments(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        String problem = String.valueOf(e.getMessage());
        if (e instanceof UnmatchedArgumentException unmatched
                && command.getParent() == null
                && !unmatched.isUnknownOption()) {
            problem = "unknown command '" + unmatched.getUnmatched().getFirst() + "'";
        }
        String name = command.getCommandSpec().qualifiedName();
        command.getErr()
                .println(
                        "arc: "
                                + (command.getParent() == null ? "" : name.substring(4) + ": ")
                                + SafeText.of(problem)
                                + "; see "
                                + name
                                + " --help");
        return 2;
    }

    private static int failed(Exception e, CommandLine command, ParseResult parsed) {
        if (e instanceof ParameterException wrong) {
            return wrongArguments(wrong, new String[0]);
        }
        String verb = command.getCommandSpec().qualifiedName().replaceFirst("^arc ", "");
        String line = FailureText.line(FailureText.of(e, verb));
        command.getErr().println("arc: " + line);
        if (command.getCommand() instanceof Verb failed && failed.common.debug) {
            e.printStackTrace(command.getErr());
        }
        return 1;
    }
}
