package io.arcfs.cli.device;

import io.arcfs.ublk.ServerEvents;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A server's events on its standard error, which its parent sent to the log. Thread-safe. */
public final class StderrEvents implements ServerEvents {
    public StderrEvents() {}

    @Override
    public void note(String event) {
        line(event);
    }

    @Override
    public void error(String event, @Nullable Throwable cause) {
        StringBuilder text = new StringBuilder("ERROR ").append(event);
        for (Throwable t = cause; t != null; t = t.getCause()) {
            text.append(" cause=").append(t);
            if (t instanceof RuntimeException || t instanceof Error) {
                for (StackTraceElement element : t.getStackTrace()) {
                    text.append("\n    at ").append(element);
                }
            }
        }
        line(text.toString());
    }

    private static void line(String text) {
        System.err.println(Instant.now() + " pid=" + ProcessHandle.current().pid() + " " + text);
    }
}
