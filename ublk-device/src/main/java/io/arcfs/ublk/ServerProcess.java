package io.arcfs.ublk;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.uring.abi.Kernel;

/**
 * What keeps a server from waiting for its own device: when memory is short, the kernel writes
 * dirty pages back, and those of this device only the server can take. Stateless.
 */
public final class ServerProcess {
    private ServerProcess() {}

    /**
     * Makes the calling thread, and what it starts from now on, one whose allocations never wait
     * for I/O. A server's parent calls it before it starts the server, whose JVM then has it from
     * its first thread on; exec keeps it. Not an error to lack the right (CAP_SYS_RESOURCE).
     *
     * @return whether it is set
     */
    public static boolean beginFlusher() {
        return Kernel.prctl(Kernel.PR_SET_IO_FLUSHER, 1) == 0;
    }

    /** Takes {@link #beginFlusher} back for the calling thread. */
    public static void endFlusher() {
        Kernel.prctl(Kernel.PR_SET_IO_FLUSHER, 0);
    }

    public static boolean isFlusher() {
        return Kernel.prctl(Kernel.PR_GET_IO_FLUSHER, 0) == 1;
    }

    /**
     * Keeps every page in memory that is touched now or later.
     *
     * @throws PosixException when the process may not lock that much
     */
    public static void lockMemory() throws PosixException {
        // ONFAULT: what the JVM reserves and never touches is not made real.
        long result = Kernel.mlockall(Kernel.MCL_CURRENT | Kernel.MCL_FUTURE | Kernel.MCL_ONFAULT);
        if (result < 0) {
            throw new PosixException("mlockall", Errno.of((int) -result), null);
        }
    }
}
