package io.arcfs.ublk;

import org.jspecify.annotations.Nullable;

/**
 * Where a server tells what happens, as one line per event. Thread-safe; must not throw or wait.
 */
public interface ServerEvents {
    void note(String event);

    /** Data at risk, or a person needed. */
    void error(String event, @Nullable Throwable cause);

    /** Nobody listens. */
    ServerEvents NONE =
            new ServerEvents() {
                @Override
                public void note(String event) {}

                @Override
                public void error(String event, @Nullable Throwable cause) {}
            };
}
