package io.arcfs.device;

/**
 * Where a thread is about to wait for something slow: a cold medium, space, another writer. A
 * thread that serves others beside the request at hand implements {@link Observer} and lets
 * somebody else take over its post meanwhile. Costs a type check elsewhere. Thread-safe.
 */
public final class WaitPoint {
    private WaitPoint() {}

    /** A thread that wants to know before it waits. */
    public interface Observer {
        /**
         * Called by this very thread, any number of times per request. If the request was
         * interrupted already, the thread's interrupt flag is set when this returns.
         */
        void aboutToWait();
    }

    /** To be called right before the calling thread waits. */
    public static void enter() {
        if (Thread.currentThread() instanceof Observer observer) {
            observer.aboutToWait();
        }
    }
}
