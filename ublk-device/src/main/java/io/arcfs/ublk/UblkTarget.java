package io.arcfs.ublk;

import java.io.IOException;

/** What a block device shows: its size and promises, and a server for each queue. Thread-safe. */
public interface UblkTarget extends AutoCloseable {
    /** For lists: "null", "loop", "volume". */
    String kind();

    /**
     * @param maxRequestBytes the largest request that the server is willing to take
     */
    DeviceParameters parameters(int maxRequestBytes) throws IOException;

    /** Whether it can serve requests whose bytes come this way. */
    boolean supports(DataPath path);

    /** Called by the queue's thread, before its first request. */
    QueueTarget openQueue(UblkQueue queue) throws IOException;

    /** After all queues have ended. */
    @Override
    void close() throws IOException;
}
