package io.arcfs.ublk;

import io.arcfs.device.BlockDevice;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One flush for all who wait at the same time: a flush that begins after a write returned covers
 * that write, whoever asked for it. Thread-safe.
 */
final class GroupFlush {
    private final BlockDevice device;
    private final Object monitor = new Object();
    private long asked;
    private long covered;
    private boolean running;
    private @Nullable Throwable failure;
    private long failedUpTo;

    GroupFlush(BlockDevice device) {
        this.device = device;
    }

    /** Returns when a flush that began after this call did has ended. */
    void flush() throws IOException, InterruptedException {
        long mine;
        synchronized (monitor) {
            mine = ++asked;
            while (running && covered < mine) {
                monitor.wait();
            }
            if (covered >= mine) {
                throwIfFailed(mine);
                return;
            }
            running = true;
            mine = asked;
        }
        Throwable problem = null;
        try {
            device.flush();
        } catch (IOException | RuntimeException | Error e) {
            problem = e;
        }
        synchronized (monitor) {
            running = false;
            covered = mine;
            if (problem != null) {
                failure = problem;
                failedUpTo = mine;
            }
            monitor.notifyAll();
        }
        if (problem != null) {
            throw new IOException("flush: " + problem.getMessage(), problem);
        }
    }

    /** Who was covered by a flush that failed, or by an earlier one, does not know which. */
    private void throwIfFailed(long ticket) throws IOException {
        Throwable problem = failure;
        if (problem != null && ticket <= failedUpTo) {
            throw new IOException("flush: " + problem.getMessage(), problem);
        }
    }
}
