package io.arcfs.cli;

import io.arcfs.cli.daemon.Detachment;
import io.arcfs.cli.verb.ArcCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;

/** The process behind {@code arc}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
        String[] words = ByteArguments.restore(arguments);
        System.exit(Detachment.isAsked() ? detached(words) : run(words));
    }

    private static int run(String[] arguments) {
        PrintWriter out = writer(System.out);
        PrintWriter err = writer(System.err);
        int exitCode = ArcCommand.run(arguments, out, err);
        if (out.checkError() && exitCode == 0) {
            err.println("arc: standard output: cannot be written; free space or keep it open");
            err.flush();
            exitCode = 1;
        }
        return exitCode;
    }

    /** A daemon to be: who started it prints what it says. Returns when the daemon ends. */
    private static int detached(String[] arguments) throws IOException {
        Detachment.begin();
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        int exitCode = ArcCommand.run(arguments, writer, writer);
        writer.flush();
        try {
            Detachment.answer(exitCode, said.toString().strip());
        } catch (IOException _) {
            // Who started it has given up; what failed is in the volume's log.
        }
        return exitCode;
    }

    private static PrintWriter writer(PrintStream stream) {
        Charset charset = stream.charset();
        return new PrintWriter(stream, true, charset);
    }
}
