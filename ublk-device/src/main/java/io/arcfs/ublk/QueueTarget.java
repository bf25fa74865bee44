package io.arcfs.ublk;

import java.io.IOException;

/**
 * What serves the requests of one queue. Called by the queue's thread only, which it may not make
 * wait (U2): it submits I/O to the queue's ring, or gives the request to a thread of its own.
 */
public interface QueueTarget extends AutoCloseable {
    /** A request to answer, now or later. What is thrown is answered with EIO. */
    void start(UblkRequest request) throws IOException;

    /**
     * I/O that {@link UblkQueue#backing} submitted for a request has completed.
     *
     * @param result bytes or 0; below 0 a negative error number
     */
    default void completed(UblkRequest request, int result) throws IOException {
        throw new IllegalStateException("this target submits no I/O of its own");
    }

    /** The queue has ended; none of its requests is owned by the target any more. */
    @Override
    default void close() throws IOException {}
}
