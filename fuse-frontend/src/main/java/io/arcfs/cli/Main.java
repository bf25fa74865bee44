package io.arcfs.cli;

import io.arcfs.cli.verb.ArcCommand;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;

/** The process behind {@code arc}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        PrintWriter out = writer(System.out);
        PrintWriter err = writer(System.err);
        int exitCode = ArcCommand.run(ByteArguments.restore(arguments), out, err);
        if (out.checkError() && exitCode == 0) {
            err.println("arc: standard output: cannot be written; free space or keep it open");
            err.flush();
            exitCode = 1;
        }
        System.exit(exitCode);
    }

    private static PrintWriter writer(PrintStream stream) {
        Charset charset = stream.charset();
        return new PrintWriter(stream, true, charset);
    }
}
