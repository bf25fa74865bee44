package io.arcfs.tier.recall;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.ObjectTable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A container whose objects can be recalled: where from, what they must be, where to. */
public interface RecallTarget {
    ContainerId id();

    List<Placement> placements();

    ObjectTable objects() throws IOException;

    /** Length of an object, as far as it can be told without reading anything. */
    int objectBytes(int object);

    /**
     * Takes objects that follow each other and whose checksums fit the object table. Called by the
     * media's threads.
     *
     * @param blockCrcs CRC32C of each of their blocks
     */
    void install(int firstObject, int objects, MemorySegment bytes, int[] blockCrcs)
            throws IOException;

    /** Nothing came for a moment: a good time to write down what is here. May take long. */
    void settled();
}
