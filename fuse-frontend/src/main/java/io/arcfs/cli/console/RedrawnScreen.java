package io.arcfs.cli.console;

import java.io.PrintWriter;
import java.util.List;
import java.util.function.Supplier;

/**
 * Shows text again and again: on a terminal in the same place, what was printed before it stays;
 * elsewhere one below the other. Confined to one thread.
 */
public final class RedrawnScreen {
    private final PrintWriter out;
    private final Supplier<Console> console;
    private int linesShown;

    /**
     * @param console asked before each drawing, for people change the size of their windows
     */
    public RedrawnScreen(PrintWriter out, Supplier<Console> console) {
        this.out = out;
        this.console = console;
    }

    public void show(String text) {
        Console now = console.get();
        List<String> lines = text.lines().toList();
        if (!now.terminal()) {
            lines.forEach(out::println);
            out.println();
            out.flush();
            return;
        }
        // One row is kept for the cursor: the screen must not scroll.
        int room = now.rows() > 1 ? now.rows() - 1 : Integer.MAX_VALUE;
        List<String> shown = lines.size() > room ? lines.subList(0, room) : lines;
        StringBuilder frame = new StringBuilder();
        if (linesShown > 0) {
            frame.append(Paint.ESCAPE).append('[').append(Math.min(linesShown, room)).append('A');
        }
        frame.append('\r');
        for (String line : shown) {
            frame.append(now.fit(line)).append(Paint.ESCAPE).append("[K\n");
        }
        frame.append(Paint.ESCAPE).append("[J");
        out.print(frame);
        out.flush();
        linesShown = shown.size();
    }

    /** Whether nobody can read any more what is written. */
    public boolean isClosed() {
        return out.checkError();
    }
}
