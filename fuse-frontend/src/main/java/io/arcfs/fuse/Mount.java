package io.arcfs.fuse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A mounted file system. It ends by {@link #unmount}, by {@link #close}, or when somebody else
 * unmounts the directory. Thread-safe.
 */
public interface Mount extends AutoCloseable {
    /** Absolute, without symbolic links. */
    Path mountpoint();

    /** The transport that serves it. */
    String transport();

    /**
     * Why the kernel does not read the volume's files itself where it could (FUSE passthrough);
     * empty if it does.
     */
    Optional<String> passthroughOff();

    /** Why requests do not come over io_uring; empty if they do. */
    Optional<String> ioUringOff();

    /**
     * Waits until the mount table shows the mount and the kernel's first request was answered.
     *
     * @throws MountException if that did not come within {@code limit}, or the mount ended
     */
    void awaitServing(Duration limit) throws MountException, InterruptedException;

    boolean isServing();

    /** Begins to measure how long requests take, where this transport can. */
    default void measure() {}

    /** What was measured, by the kind of request. */
    default Map<String, OperationTimes> operationTimes() {
        return Map.of();
    }

    /** Files and directories that programs hold open. */
    int openHandles();

    /**
     * Unmounts cleanly: returns when every request was answered and every thread has ended. Done
     * already is success.
     *
     * @throws MountException if the mount is busy, naming who keeps it so; it goes on serving
     */
    void unmount() throws MountException;

    /** Waits until the mount has ended, whoever ends it. */
    void awaitUnmounted() throws InterruptedException;

    /**
     * Stops serving without unmounting: requests wait in the kernel until somebody else serves. The
     * file system is not used any more when this returns.
     *
     * @throws MountException if this transport cannot, or a request does not end; it goes on
     *     serving
     */
    HandOver handOver() throws MountException, InterruptedException;

    /** Lets go of a mount that was handed over: its descriptors are closed here. */
    void letGo();

    /**
     * Ends the mount in any case: cleanly if it is not busy, else detached from its directory, and
     * what programs still hold open is cut off. Idempotent.
     */
    @Override
    void close();
}
