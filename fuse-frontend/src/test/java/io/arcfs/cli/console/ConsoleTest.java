package io.arcfs.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.posix.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private static final Optional<Terminal.Size> SIZE = Optional.of(new Terminal.Size(24, 20));

    @Test
    void colourIsForTerminalsThatDoNotSayNo() {
        assertThat(Console.of(SIZE, Map.of("TERM", "xterm")).colour()).isTrue();
        assertThat(Console.of(SIZE, Map.of("TERM", "xterm", "NO_COLOR", "1")).colour()).isFalse();
        assertThat(Console.of(SIZE, Map.of("TERM", "xterm", "NO_COLOR", "")).colour()).isTrue();
        assertThat(Console.of(SIZE, Map.of("TERM", "dumb")).colour()).isFalse();
        assertThat(Console.of(Optional.empty(), Map.of("TERM", "xterm")).colour()).isFalse();
    }

    @Test
    void lineIsCutWhereTheScreenEnds() {
        Console narrow = new Console(true, 20, 24, true);
        assertThat(narrow.fit("short")).isEqualTo("short");
        assertThat(narrow.fit("x".repeat(20))).hasSize(20);
        assertThat(narrow.fit("x".repeat(21))).isEqualTo("x".repeat(19) + "~");
        String painted = Paint.COLOURS.bad("y".repeat(30)) + "z";
        String cut = narrow.fit(painted);
        assertThat(cut.replaceAll("\u001b\\[[0-9]*m", "")).isEqualTo("y".repeat(19) + "~");
        assertThat(cut).endsWith("\u001b[0m");
        assertThat(Console.NONE.fit("x".repeat(500))).hasSize(500);
    }

    @Test
    void screenIsRedrawnInPlace() {
        StringWriter written = new StringWriter();
        RedrawnScreen screen =
                new RedrawnScreen(
                        new PrintWriter(written, true), () -> new Console(true, 20, 24, false));
        screen.show("a\nb\nc");
        screen.show("d");
        assertThat(written.toString())
                .isEqualTo(
                        "\r"
                                + "a\u001b[K\n"
                                + "b\u001b[K\n"
                                + "c\u001b[K\n"
                                + "\u001b[J\u001b[3A\r"
                                + "d\u001b[K\n"
                                + "\u001b[J");
    }

    @Test
    void screenNeverScrolls() {
        StringWriter written = new StringWriter();
        RedrawnScreen screen =
                new RedrawnScreen(
                        new PrintWriter(written, true), () -> new Console(true, 20, 5, false));
        screen.show("1\n2\n3\n4\n5\n6\n7");
        assertThat(written.toString()).contains("4").doesNotContain("5");
    }

    @Test
    void elsewhereNothingIsDrawn() {
        StringWriter written = new StringWriter();
        RedrawnScreen screen =
                new RedrawnScreen(new PrintWriter(written, true), () -> Console.NONE);
        screen.show("a\nb");
        assertThat(written.toString()).isEqualTo("a\nb\n\n");
    }
}
