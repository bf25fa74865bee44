package io.arcfs.cli.verb;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.control.Progress;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all verbs share: their output, their progress and how they end. Confined to one thread. */
abstract class Verb implements Callable<Integer> {
    @Spec CommandSpec spec;

    @Mixin CommonOptions common = new CommonOptions();

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before anything runs
    Verb() {}

    /** Does it; a failure is an exception. */
    abstract void run() throws Exception;

    @Override
    public Integer call() throws Exception {
        run();
        return 0;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** A confirmation for people. */
    void say(String line) {
        if (!common.quiet) {
            out().println(line);
        }
    }

    Progress progress() {
        return common.quiet ? Progress.NONE : ConsoleProgress.on(err());
    }

    /** A failure of the arguments, which ends with its own exit code. */
    ParameterException wrongArguments(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }

    /** How this user calls the command, for hints. */
    static String arc() {
        return System.getenv().getOrDefault("ARCFS_COMMAND", "arc");
    }

    static CommandFailure failure(String what, String why, String remedy) {
        return new CommandFailure(what, why, remedy);
    }
}
