package io.arcfs.posix;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Copies between open files. Stateless. */
public final class FileCopy {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final BufferPool BUFFERS = new BufferPool(BUFFER_BYTES, 4);

    private FileCopy() {}

    /**
     * Copies bytes from file to file inside the kernel, or through memory where it cannot.
     *
     * @return bytes copied; less than {@code lengthBytes} only when {@code from} ends
     */
    public static long copy(
            PosixFile from, long fromOffset, PosixFile to, long toOffset, long lengthBytes)
            throws IOException {
        long done = 0;
        while (done < lengthBytes) {
            long copied =
                    copyInKernel(from, fromOffset + done, to, toOffset + done, lengthBytes - done);
            if (copied <= 0) {
                // The end of the file, or a pair of files that the kernel does not copy.
                return done
                        + copyThroughMemory(
                                from, fromOffset + done, to, toOffset + done, lengthBytes - done);
            }
            done += copied;
        }
        return done;
    }

    /** Bytes copied by one call; 0 or less when the kernel copied none. */
    private static long copyInKernel(
            PosixFile from, long fromOffset, PosixFile to, long toOffset, long lengthBytes)
            throws IOException {
        from.acquire("copy_file_range");
        try {
            to.acquire("copy_file_range");
            try {
                CallScratch scratch = CallScratch.ofThread();
                MemorySegment fromPosition = scratch.struct.asSlice(0, Long.BYTES);
                MemorySegment toPosition = scratch.struct.asSlice(Long.BYTES, Long.BYTES);
                fromPosition.set(JAVA_LONG, 0, fromOffset);
                toPosition.set(JAVA_LONG, 0, toOffset);
                long copied =
                        Libc.copyFileRange(
                                scratch.capture,
                                from.descriptor(),
                                fromPosition,
                                to.descriptor(),
                                toPosition,
                                lengthBytes);
                if (copied >= 0) {
                    return copied;
                }
                return switch (scratch.lastErrno()) {
                    case EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EINTR, ETXTBSY, EBADF -> -1;
                    default ->
                            throw new PosixException(
                                    "copy_file_range", scratch.lastErrno(), from + " -> " + to);
                };
            } catch (Throwable t) {
                throw Posix.rethrow(t);
            } finally {
                to.release();
            }
        } finally {
            from.release();
        }
    }

    private static long copyThroughMemory(
            PosixFile from, long fromOffset, PosixFile to, long toOffset, long lengthBytes)
            throws IOException {
        MemorySegment buffer = BUFFERS.take();
        try {
            long done = 0;
            while (done < lengthBytes) {
                int part = (int) Math.min(lengthBytes - done, BUFFER_BYTES);
                int got = from.read(fromOffset + done, buffer.asSlice(0, part));
                to.write(toOffset + done, buffer.asSlice(0, got));
                done += got;
                if (got < part) {
                    break;
                }
            }
            return done;
        } finally {
            BUFFERS.give(buffer);
        }
    }
}
