package io.arcfs.device;

import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Where a thread is about to wait for something slow: a cold medium, space, another writer. A
 * thread that serves others beside the request at hand implements {@link Observer} and lets
 * somebody else take over its post meanwhile. Costs a type check elsewhere. Thread-safe.
 */
public final class WaitPoint {
    private WaitPoint() {}

    /** A thread that wants to know before it waits. */
    public interface Observer extends PosixFile.DiskWaiter {
        /**
         * Called by this very thread, any number of times per request. If the request was
         * interrupted already, the thread's interrupt flag is set when this returns.
         */
        void aboutToWait();

        /**
         * Called by this very thread before it reads what is not in the page cache; nothing
         * interrupts that.
         */
        @Override
        default void aboutToWaitForDisk() {}

        /** Called by this very thread before it has the disk make something durable. */
        default void aboutToSync() {
            aboutToWaitForDisk();
        }

        /**
         * Called by this very thread before it asks a cold medium for bytes that a reader wants
         * now; any number of times per request.
         *
         * @param bytes how many are missing
         * @throws IOException if they shall not be fetched for who asks
         */
        default void aboutToRecall(long bytes) throws IOException {}

        /**
         * Whether bytes may be fetched for who asks: what might be read next, too. Must be quick.
         */
        default boolean mayRecall() {
            return true;
        }
    }

    /** To be called right before the calling thread waits. */
    public static void enter() {
        if (Thread.currentThread() instanceof Observer observer) {
            observer.aboutToWait();
        }
    }

    /** To be called right before the calling thread has the disk make something durable. */
    public static void sync() {
        if (Thread.currentThread() instanceof Observer observer) {
            observer.aboutToSync();
        }
    }

    /**
     * Reads until {@code target} is full or the file ends; an observer hears of it before it waits
     * for bytes that are not in the page cache.
     *
     * @param target of an observer, native memory that nobody frees meanwhile
     * @return bytes read
     */
    public static int read(PosixFile file, long offsetBytes, MemorySegment target)
            throws IOException {
        return Thread.currentThread() instanceof Observer observer
                ? file.read(offsetBytes, target, observer)
                : file.read(offsetBytes, target);
    }

    /**
     * To be called right before the calling thread has bytes recalled.
     *
     * @throws IOException if it must not
     */
    public static void recall(long bytes) throws IOException {
        if (Thread.currentThread() instanceof Observer observer) {
            observer.aboutToRecall(bytes);
        }
    }

    /** Whether it makes sense to fetch ahead what the calling thread's reader may want next. */
    public static boolean mayRecall() {
        return !(Thread.currentThread() instanceof Observer observer) || observer.mayRecall();
    }
}
