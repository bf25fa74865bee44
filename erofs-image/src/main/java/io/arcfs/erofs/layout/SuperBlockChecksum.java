package io.arcfs.erofs.layout;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksum of the superblock: CRC32C without the final inversion over the rest of its block,
 * the checksum field taken as zero. Stateless.
 */
public final class SuperBlockChecksum {
    private static final int FIELD = (int) SuperBlockLayout.CHECKSUM;

    private SuperBlockChecksum() {}

    /** Where the covered bytes end: they start at the superblock. */
    public static long end(long blockSizeBytes) {
        return blockSizeBytes > SuperBlockLayout.SUPER_OFFSET
                ? blockSizeBytes
                : SuperBlockLayout.SUPER_OFFSET + blockSizeBytes;
    }

    /** The value for these bytes, the first of which is the superblock's. */
    public static long of(ByteBuffer covered) {
        CRC32C crc = new CRC32C();
        crc.update(covered.slice(0, FIELD));
        crc.update(new byte[4]);
        crc.update(covered.slice(FIELD + 4, covered.capacity() - FIELD - 4));
        return ~crc.getValue() & 0xFFFF_FFFFL;
    }
}
