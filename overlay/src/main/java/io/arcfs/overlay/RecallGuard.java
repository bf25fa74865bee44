package io.arcfs.overlay;

/**
 * Hears of every read that is about to wait for a cold medium, and may refuse it. Called by the
 * thread that serves the read, any number of times for one; must be quick. Thread-safe.
 */
@FunctionalInterface
public interface RecallGuard {
    /** Lets everybody wait. */
    RecallGuard NONE = _ -> {};

    /**
     * @throws FsException with {@link FsException.Reason#RECALL_REFUSED} if the bytes shall not be
     *     fetched for who asks
     */
    void aboutToRecall(Request request) throws FsException;

    /**
     * Whether cold bytes may be fetched for this thread at all, also ahead of its reads. Asked for
     * every read of a container that is cold, so it must be very quick.
     */
    default boolean mayRecall(int pid) {
        return true;
    }

    /**
     * A read that needs cold bytes.
     *
     * @param pid of the thread that reads, 0 if the kernel does not say
     * @param path of the file from the volume's root, without a slash in front; empty if it has no
     *     name any more
     * @param bytes that are missing
     */
    record Request(int pid, long inode, byte[] path, long bytes) {}
}
