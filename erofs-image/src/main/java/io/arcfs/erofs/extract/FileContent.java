package io.arcfs.erofs.extract;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The bytes of a file, without its holes. Valid only during the call that handed it over. */
public interface FileContent {
    long sizeBytes();

    /**
     * Hands over every run of data in order; what lies between runs, and behind the last up to the
     * size, is a hole.
     */
    void copyTo(RunSink sink) throws IOException;

    /** Takes runs of data. */
    @FunctionalInterface
    interface RunSink {
        /**
         * @param bytes native memory, valid during the call
         */
        void run(long offsetBytes, MemorySegment bytes) throws IOException;
    }
}
