package io.arcfs.tier;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What the owner of the namespace asks of the tier beside reading and writing. Thread-safe. */
public interface TierControl {
    /**
     * Opens a container for writing and grants its data area. Idempotent for a container that is
     * open. Fails if the number is used under another sequence that still holds bytes.
     */
    void open(ContainerId container) throws IOException;

    /**
     * Closes an open container: writes its footer, makes container and footer durable on SSD, and
     * queues it for destage. Idempotent: closing what is closed already changes nothing.
     *
     * @param usedEnd device address behind the last used byte; objects wholly behind it are never
     *     written to media
     * @param images images whose last byte lies in this container
     * @param descriptor the volume descriptor (arc.json), kept in the footer for rebuilds
     */
    void close(ContainerId container, long usedEnd, List<ImageRecord> images, byte[] descriptor)
            throws IOException;

    /**
     * Gives up an open container: its bytes are forgotten, the number is free again. Idempotent.
     */
    void discard(ContainerId container) throws IOException;

    /** Waits until no closed container is still STAGED; fails if a medium does not take them. */
    void awaitDestaged() throws IOException, InterruptedException;

    /**
     * Drops SSD copies of every COLD container and every recalled object; returns the bytes freed.
     */
    long evictAll() throws IOException;

    /**
     * Drops SSD copies of the objects that lie wholly in these extents and are verified on their
     * media.
     */
    long evict(List<DeviceExtent> extents) throws IOException;

    /** Brings the extents to the SSD and waits; duplicates of queued work join it. */
    void recall(List<DeviceExtent> extents, Priority priority) throws IOException;

    /**
     * Whether every byte of the extent is on the SSD now. A hint: it may be evicted the moment
     * after.
     */
    boolean isResident(DeviceExtent extent);

    /** How much of each file its archiver should have kept. */
    HeadSettings headSettings();

    /**
     * Has these ranges stay on the SSD when the rest of their containers is evicted, within their
     * share. The containers are in use. Idempotent.
     */
    void keepHeads(List<HeadExtent> heads) throws IOException;

    /**
     * Keeps the extents on the SSD until they are let go; brings nothing. Remembered over a
     * restart. Idempotent.
     */
    void pin(List<DeviceExtent> extents) throws IOException;

    /** What is pinned, by address. */
    List<DeviceExtent> pinned();

    /** Lets pinned extents go; what is not pinned stays so. */
    void unpin(List<DeviceExtent> extents) throws IOException;

    /**
     * Gives a closed container back, its copies on media included: nothing refers to it any more
     * and nobody reads it. Its number may be used again under a higher sequence. What a medium that
     * is offline holds is freed when it is back. Idempotent.
     */
    void release(ContainerId container) throws IOException;

    /** The sequence of the next container of that number. */
    int nextSequence(int number) throws IOException;

    /**
     * What {@link #recall} of the extents would take now; touches no medium.
     *
     * @throws UnsupportedOperationException if this owner of the tier cannot tell
     */
    default RecallEstimate estimate(List<DeviceExtent> extents) throws IOException {
        throw new UnsupportedOperationException("a recall cannot be estimated from here");
    }

    /** State of every container in use. */
    Map<ContainerId, ContainerState> containers();

    TierStatus status();

    /** How much can still be taken; reads no medium. */
    TierSpace space() throws IOException;
}
