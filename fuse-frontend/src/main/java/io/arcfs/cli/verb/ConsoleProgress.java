package io.arcfs.cli.verb;

import io.arcfs.cli.Humane;
import io.arcfs.cli.control.Progress;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Progress on standard error: a bar with bytes, rate and time left on a terminal, a line per step
 * elsewhere. Thread-safe.
 */
final class ConsoleProgress implements Progress {
    private static final int BAR_CHARS = 24;
    private static final long MIN_INTERVAL_NANOS = Duration.ofMillis(100).toNanos();

    private final PrintWriter err;
    private final boolean terminal;
    private String current = "";
    private long startNanos;
    private long startBytes;
    private long lastNanos;
    private boolean barShown;

    ConsoleProgress(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    static ConsoleProgress on(PrintWriter err) {
        return new ConsoleProgress(err, isTerminal());
    }

    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    @Override
    public synchronized void report(Step step) {
        String name = SafeText.of(step.kind() + " " + step.subject());
        long now = System.nanoTime();
        if (!name.equals(current)) {
            end();
            current = name;
            startNanos = now;
            startBytes = step.doneBytes();
            lastNanos = now - MIN_INTERVAL_NANOS;
            if (!terminal) {
                err.println(name);
            }
        }
        if (terminal && now - lastNanos >= MIN_INTERVAL_NANOS) {
            lastNanos = now;
            barShown = true;
            err.print("\r\u001b[K" + bar(step, now));
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

    String bar(Step step, long nowNanos) {
        StringBuilder line = new StringBuilder(current).append("  ");
        double seconds = (nowNanos - startNanos) / 1e9;
        double rate = seconds > 0.2 ? (step.doneBytes() - startBytes) / seconds : 0;
        if (step.totalBytes() > 0) {
            long done = Math.clamp(step.doneBytes(), 0, step.totalBytes());
            int filled = (int) (BAR_CHARS * done / step.totalBytes());
            line.append('[').append("#".repeat(filled));
            line.append(" ".repeat(BAR_CHARS - filled)).append("] ");
        }
        line.append(Humane.bytes(step.doneBytes()));
        if (step.totalBytes() > 0) {
            line.append(" of ").append(Humane.bytes(step.totalBytes()));
        }
        if (rate > 0) {
            line.append("  ").append(Humane.bytes((long) rate)).append("/s");
            long left = step.totalBytes() - step.doneBytes();
            if (left > 0) {
                long eta = (long) (left / rate);
                line.append(String.format(Locale.ROOT, "  %d:%02d left", eta / 60, eta % 60));
            }
        }
        return line.toString();
    }
}
