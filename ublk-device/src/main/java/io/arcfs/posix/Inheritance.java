package io.arcfs.posix;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * What a process has from the one that started it, and how a daemon lets go of it: otherwise a
 * directory stays busy, a lock held and a pipe open for as long as the daemon lives. Stateless.
 */
public final class Inheritance {
    private Inheritance() {}

    /**
     * Gives back a descriptor that the process was started with, and that nothing here uses. The
     * number must be known from who started it: the JVM's own descriptors look the same from
     * inside.
     */
    public static void close(int descriptor) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try {
            // EBADF: somebody else closed it. Linux gives it back whatever close(2) says.
            int _ = Libc.close(scratch.capture, descriptor);
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        }
    }

    /** Lets a descriptor, one of the standard streams, refer to this file from now on. */
    public static void redirect(int descriptor, PosixFile file) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try {
            if (Libc.dup2(scratch.capture, file.descriptor(), descriptor) < 0) {
                throw new PosixException("dup2", scratch.lastErrno(), file.toString());
            }
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        }
    }

    /**
     * Leaves the working directory for the root. Relative paths of java.nio and java.io mean
     * another file afterwards.
     */
    public static void leaveDirectory() throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment root = arena.allocateFrom("/", StandardCharsets.UTF_8);
            if (Libc.chdir(scratch.capture, root) < 0) {
                throw new PosixException("chdir", scratch.lastErrno(), "/");
            }
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        }
    }
}
