package io.arcfs.tier.container;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/** The two checksums of the tier: CRC32C of blocks and objects, SHA-256 of containers. */
public final class Checksums {
    private Checksums() {}

    public static int crc32c(MemorySegment bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.asByteBuffer());
        return (int) crc.getValue();
    }

    /** CRC32C of each of the blocks that the bytes are made of. */
    public static int[] crc32cOfBlocks(MemorySegment bytes, int blockBytes) {
        ByteBuffer buffer = bytes.asByteBuffer();
        int[] crcs = new int[Math.toIntExact(bytes.byteSize() / blockBytes)];
        CRC32C crc = new CRC32C();
        for (int i = 0; i < crcs.length; i++) {
            crc.reset();
            crc.update(buffer.limit((i + 1) * blockBytes).position(i * blockBytes));
            crcs[i] = (int) crc.getValue();
        }
        return crcs;
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
