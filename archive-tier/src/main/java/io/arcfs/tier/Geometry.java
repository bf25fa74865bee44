package io.arcfs.tier;

/**
 * The sizes that give a volume's device its shape. Immutable; part of the volume descriptor and of
 * every container footer.
 *
 * <pre>
 * container k = bytes [k * containerBytes, (k + 1) * containerBytes)
 *   +--------------------------------------------+-------------------------+
 *   | data: objects of objectBytes, last shorter | metadata area (footer)  |
 *   +--------------------------------------------+-------------------------+
 *   0                                    dataBytes             containerBytes
 * </pre>
 *
 * @param blockBytes block of EROFS and of the SSD tier's checksums; 4096
 * @param chunkBytes unit in which an image's data is written; a power of two
 * @param objectBytes unit of transfer to and from a cold medium; a multiple of the block
 * @param dataBytes data area of a container; a multiple of the block
 * @param containerBytes data area and metadata area
 * @param containers how many containers the device has
 */
public record Geometry(
        int blockBytes,
        int chunkBytes,
        int objectBytes,
        long dataBytes,
        long containerBytes,
        int containers) {
    private static final int MIB = 1 << 20;

    /**
     * The first bytes of the device, never allocated and read as zeros: partition scanners probe
     * them.
     */
    public static final long RESERVED_BYTES = MIB;

    /** Containers of 480 MiB in just under 16 TiB, the most that 32-bit block addresses reach. */
    public static final Geometry DEFAULT =
            new Geometry(4096, 4 * MIB, 252 * 1024, 475L * MIB, 480L * MIB, 34_952);

    public Geometry {
        require(blockBytes == 4096, "geometry.blockBytes", blockBytes, "must be 4096");
        require(
                Integer.bitCount(chunkBytes) == 1
                        && chunkBytes >= blockBytes
                        && chunkBytes <= 1 << 30,
                "geometry.chunkBytes",
                chunkBytes,
                "must be a power of two between 4096 and 1 GiB");
        require(
                objectBytes >= blockBytes && objectBytes % blockBytes == 0,
                "geometry.objectBytes",
                objectBytes,
                "must be a multiple of 4096");
        require(
                dataBytes >= chunkBytes && dataBytes % blockBytes == 0 && dataBytes >= objectBytes,
                "geometry.dataBytes",
                dataBytes,
                "must be a multiple of 4096 that holds at least one chunk and one object");
        require(
                containerBytes > dataBytes
                        && containerBytes % blockBytes == 0
                        && containerBytes > RESERVED_BYTES,
                "geometry.containerBytes",
                containerBytes,
                "must be a multiple of 4096, larger than the data area and than 1 MiB");
        require(containers >= 1, "geometry.containers", containers, "must be at least 1");
        require(
                Math.multiplyHigh(containerBytes, containers) == 0
                        && containerBytes * containers / blockBytes < 0xFFFF_FFFFL,
                "geometry.containers",
                containers,
                "makes a device of 16 TiB or more, which needs 48-bit EROFS addresses (not built"
                        + " yet)");
    }

    private static void require(boolean holds, String what, long value, String why) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is " + value + ": it " + why);
        }
    }

    public long deviceBytes() {
        return containerBytes * containers;
    }

    public long deviceBlocks() {
        return deviceBytes() / blockBytes;
    }

    /** Objects of a container whose data area is full. */
    public int objectsPerContainer() {
        return Math.toIntExact((dataBytes + objectBytes - 1) / objectBytes);
    }

    public int containerOf(long deviceAddress) {
        return Math.toIntExact(deviceAddress / containerBytes);
    }

    public long containerStart(int container) {
        return container * containerBytes;
    }

    /**
     * Where data of this container may begin: behind the reserved first MiB in containers that hold
     * it.
     */
    public long firstDataAddress(int container) {
        return Math.max(containerStart(container), RESERVED_BYTES);
    }

    public long dataEnd(int container) {
        return containerStart(container) + dataBytes;
    }

    public long roundUpToBlock(long bytes) {
        return (bytes + blockBytes - 1) / blockBytes * blockBytes;
    }
}
