package io.arcfs.tier.medium;

import io.arcfs.tier.container.Checksums;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * What a medium keeps to be known again: an unmounted disk's empty folder, or another volume's
 * medium, is not taken for it. Immutable.
 *
 * <pre>
 * Label -> Magic "ARCF", Name "medium" (12 bytes, zero-filled), Version u32 (1, little-endian),
 *          Volume uuid, Medium uuid, Crc32c u32 (little-endian) over the bytes before it
 * </pre>
 */
record MediumLabel(UUID volume, UUID medium) {
    static final int BYTES = 4 + 12 + 4 + 16 + 16 + 4;

    private static final byte[] ENVELOPE = envelope();

    private static byte[] envelope() {
        byte[] envelope = new byte[20];
        byte[] text = "ARCFmedium".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, envelope, 0, text.length);
        envelope[16] = 1;
        return envelope;
    }

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(BYTES);
        out.put(ENVELOPE);
        out.putLong(volume.getMostSignificantBits()).putLong(volume.getLeastSignificantBits());
        out.putLong(medium.getMostSignificantBits()).putLong(medium.getLeastSignificantBits());
        out.putInt(Integer.reverseBytes(crc(out.array())));
        return out.array();
    }

    static MediumLabel decode(byte[] bytes, String source) throws IOException {
        if (bytes.length != BYTES || !Arrays.equals(bytes, 0, 16, ENVELOPE, 0, 16)) {
            throw new IOException(source + ": not the label of a cold medium");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int version = Integer.reverseBytes(in.getInt(16));
        if (version != 1) {
            throw new IOException(
                    source
                            + ": label of version "
                            + version
                            + "; this arcfs reads version 1; use a newer arcfs");
        }
        if (Integer.reverseBytes(in.getInt(BYTES - 4)) != crc(bytes)) {
            throw new IOException(source + ": the label's checksum does not fit its bytes");
        }
        return new MediumLabel(
                new UUID(in.getLong(20), in.getLong(28)), new UUID(in.getLong(36), in.getLong(44)));
    }

    private static int crc(byte[] bytes) {
        return Checksums.crc32c(MemorySegment.ofArray(bytes).asSlice(0, BYTES - 4));
    }
}
