package io.arcfs.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/** A command that ran in this process. Immutable. */
record ArcRun(int exitCode, String out, String err) {
    static ArcRun arc(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        int exitCode =
                ArcCommand.run(words, new PrintWriter(out, true), new PrintWriter(err, true));
        return new ArcRun(exitCode, out.toString(), err.toString());
    }

    ArcRun succeeded() {
        assertThat(exitCode).as(err).isZero();
        return this;
    }

    /** Refused in one line of the contract's form, which holds these words. */
    void refusedWith(int expectedExitCode, String... words) {
        assertThat(exitCode).as(err).isEqualTo(expectedExitCode);
        assertThat(out).isEmpty();
        assertThat(err)
                .matches("arc: [^\n]+: [^\n]+; [^\n]+\n|arc: [^\n;]+; [^\n]+\n")
                .contains(words)
                .doesNotContain("Exception", "\tat ");
    }
}
