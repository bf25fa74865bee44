package io.arcfs.tier.container;

import io.arcfs.tier.Geometry;

/**
 * Length and CRC32C of every object of a closed container, in order from its start. Immutable.
 *
 * <p>Object i begins at {@code i * objectBytes}; all have objectBytes but the last one, which ends
 * with the last used block.
 */
public final class ObjectTable {
    private final int objectBytes;
    private final long dataBytes;
    private final int[] crcs;

    private ObjectTable(int objectBytes, long dataBytes, int[] crcs) {
        this.objectBytes = objectBytes;
        this.dataBytes = dataBytes;
        this.crcs = crcs;
    }

    /**
     * @param usedBytes from the container's start; rounded up to whole blocks here
     * @param crcs one per object
     */
    public static ObjectTable of(Geometry geometry, long usedBytes, int[] crcs) {
        if (crcs.length != count(geometry, usedBytes)) {
            throw new IllegalArgumentException(
                    crcs.length + " checksums for " + count(geometry, usedBytes) + " objects");
        }
        return new ObjectTable(
                geometry.objectBytes(), geometry.roundUpToBlock(usedBytes), crcs.clone());
    }

    /** Objects of a container with that many used bytes. */
    public static int count(Geometry geometry, long usedBytes) {
        long objectBytes = geometry.objectBytes();
        return Math.toIntExact((usedBytes + objectBytes - 1) / objectBytes);
    }

    public int count() {
        return crcs.length;
    }

    /** Offset of the object from the container's start. */
    public long offset(int object) {
        return (long) object * objectBytes;
    }

    public int length(int object) {
        return (int) Math.min(objectBytes, dataBytes - offset(object));
    }

    public int crc(int object) {
        return crcs[object];
    }

    /** Bytes of all objects. */
    public long totalBytes() {
        return dataBytes;
    }
}
