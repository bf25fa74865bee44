package io.arcfs.cli.verb;

import io.arcfs.cli.Humane;
import io.arcfs.cli.console.Console;
import io.arcfs.cli.control.Progress;
import io.arcfs.posix.Terminal;
import io.arcfs.recovery.SafeText;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Progress on standard error: a bar with bytes, rate and time left on a terminal, a line per step
 * elsewhere. Thread-safe.
 */
final class ConsoleProgress implements Progress {
    private static final int BAR_CHARS = 24;
    private static final long MIN_INTERVAL_NANOS = Duration.ofMillis(100).toNanos();

    private final PrintWriter err;
    private final Supplier<Console> console;
    private String current = "";
    private long startNanos;
    private long startBytes;
    private long lastNanos;
    private boolean barShown;

    /**
     * @param console asked before each drawing, for people change the size of their windows
     */
    ConsoleProgress(PrintWriter err, Supplier<Console> console) {
        this.err = err;
        this.console = console;
    }

    static ConsoleProgress on(PrintWriter err) {
        return new ConsoleProgress(err, () -> Console.of(Terminal.STDERR));
    }

    @Override
    public synchronized void report(Step step) {
        String name = SafeText.of(step.kind() + " " + step.subject());
        long now = System.nanoTime();
        Console here = console.get();
        if (!name.equals(current)) {
            end();
            current = name;
            startNanos = now;
            startBytes = step.doneBytes();
            lastNanos = now - MIN_INTERVAL_NANOS;
            if (!here.terminal()) {
                err.println(name);
            }
        }
        if (here.terminal() && now - lastNanos >= MIN_INTERVAL_NANOS) {
            lastNanos = now;
            barShown = true;
            err.print("\r\u001b[K" + bar(step, now, here.columns()));
            err.flush();
        }
    }

    /** Leaves the last bar as it stands. */
    synchronized void end() {
        if (barShown) {
            err.println();
            barShown = false;
        }
    }

    /**
     * A line that fits into so many columns: what matters least is left out first. One column stays
     * free, where terminals put the cursor.
     *
     * @param columns 0: any number
     */
    String bar(Step step, long nowNanos, int columns) {
        double seconds = (nowNanos - startNanos) / 1e9;
        double rate = seconds > 0.2 ? (step.doneBytes() - startBytes) / seconds : 0;
        String bar = "";
        String amount = Humane.bytes(step.doneBytes());
        String share = amount;
        String speed = "";
        String left = "";
        if (step.totalBytes() > 0) {
            long done = Math.clamp(step.doneBytes(), 0, step.totalBytes());
            int filled = (int) (BAR_CHARS * done / step.totalBytes());
            bar = "  [" + "#".repeat(filled) + " ".repeat(BAR_CHARS - filled) + "] ";
            share = Humane.percent(done, step.totalBytes());
            amount += " of " + Humane.bytes(step.totalBytes());
        }
        if (rate > 0) {
            speed = "  " + Humane.bytes((long) rate) + "/s";
            long missing = step.totalBytes() - step.doneBytes();
            if (missing > 0) {
                long eta = (long) (missing / rate);
                left = String.format(Locale.ROOT, "  %d:%02d left", eta / 60, eta % 60);
            }
        }
        int room = columns <= 0 ? Integer.MAX_VALUE : columns - 1;
        String[] forms = {
            current + (bar.isEmpty() ? "  " : bar) + amount + speed + left,
            current + "  " + amount + speed + left,
            current + "  " + share + left,
            current + " " + share,
            share
        };
        for (String form : forms) {
            if (form.length() <= room) {
                return form;
            }
        }
        return share.substring(0, Math.min(share.length(), Math.max(0, room)));
    }
}
