package io.arcfs.cli;

/** What the process ends with (CLI contract). */
final class ExitCode {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG_ARGUMENTS = 2;

    private ExitCode() {}
}
