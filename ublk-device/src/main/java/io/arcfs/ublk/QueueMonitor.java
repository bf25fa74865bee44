package io.arcfs.ublk;

import io.arcfs.posix.Errno;
import org.jspecify.annotations.Nullable;

/** Hears of what happens in a queue. Called by queue threads; must not wait or throw. */
interface QueueMonitor {
    /** Every tag is with the kernel. */
    void fetched(UblkQueue queue);

    /** A request was answered with an error because of this. */
    void failed(UblkRequest request, Throwable cause);

    /** The driver gave a tag back for an unknown reason; the queue goes on without it. */
    void lostTag(UblkQueue queue, int tag, Errno errno);

    /** The queue's thread ends; without a cause, because the device was stopped. */
    void ended(UblkQueue queue, @Nullable Throwable cause);
}
