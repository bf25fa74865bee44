package io.arcfs.cli.verb;

import picocli.CommandLine.Option;

/** Options that every verb has. Confined to one thread. */
final class CommonOptions {
    @Option(names = "--debug", description = "print stack traces of failures")
    boolean debug;

    @Option(names = "--quiet", description = "print no progress and no confirmation")
    boolean quiet;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "print this help")
    boolean help;
}
