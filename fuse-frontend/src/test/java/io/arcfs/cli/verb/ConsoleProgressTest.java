package io.arcfs.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.cli.console.Console;
import io.arcfs.cli.control.Progress;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
    private static final Console WIDE = new Console(true, 120, 40, false);
    private final StringWriter written = new StringWriter();

    @Test
    void elsewhereThanOnATerminalEachStepIsOneLine() {
        ConsoleProgress progress =
                new ConsoleProgress(new PrintWriter(written, true), () -> Console.NONE);
        progress.report(new Progress.Step("build", "arc_01", 1, 10));
        progress.report(new Progress.Step("build", "arc_01", 5, 10));
        progress.report(new Progress.Step("destage", "container 0.1", 0, 10));
        assertThat(written.toString()).isEqualTo("build arc_01\ndestage container 0.1\n");
    }

    @Test
    void barShowsBytesAndShare() {
        ConsoleProgress progress = new ConsoleProgress(new PrintWriter(written, true), () -> WIDE);
        progress.report(new Progress.Step("build", "arc_01", 1 << 20, 2 << 20));
        assertThat(written.toString())
                .contains("build arc_01  [############            ] 1 MiB of 2 MiB");
    }

    @Test
    void barFitsEveryTerminal() {
        ConsoleProgress progress = new ConsoleProgress(new PrintWriter(written, true), () -> WIDE);
        Progress.Step step = new Progress.Step("destage", "container 12.3", 300 << 20, 475 << 20);
        for (int columns = 1; columns <= 140; columns++) {
            assertThat(progress.bar(step, System.nanoTime() + 10_000_000_000L, columns))
                    .hasSizeLessThan(columns);
        }
        assertThat(progress.bar(step, 0, 20)).isEqualTo("  63 %");
    }
}
