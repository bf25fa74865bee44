package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds how many files that have bytes in an upper, or may get some, are open at once: each holds
 * a descriptor. An open is asked before it does anything; those that come through together may
 * exceed the bound by as many as there are threads, which the reserve has room for. Thread-safe.
 */
final class OpenFileBudget {
    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    OpenFileBudget(int most) {
        this.most = most;
    }

    /** Whether one more is too many. */
    boolean isFull() {
        return open.get() >= most;
    }

    FsException refusal() {
        return new FsException(
                Reason.TOO_MANY_OPEN,
                most + " files are open that are written or have bytes in the upper");
    }

    void opened() {
        open.incrementAndGet();
    }

    void closed() {
        open.decrementAndGet();
    }
}
