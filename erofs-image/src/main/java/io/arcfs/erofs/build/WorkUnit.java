package io.arcfs.erofs.build;

import java.util.List;

/** What one thread does at a time. */
sealed interface WorkUnit {
    /** Its place in the order of blocks. */
    long number();

    /** Files that are read and written together. */
    record SmallFiles(long number, List<FilePlaces> files) implements WorkUnit {}

    /**
     * One chunk of a file that may hold data.
     *
     * @param open shared by all units of the file
     */
    record Chunk(long number, FilePlaces file, SharedOpen open, int chunk) implements WorkUnit {}
}
