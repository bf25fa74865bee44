package io.arcfs.tier.container;

/**
 * CRC32C of blocks that follow each other, from the CRC32C of each: bytes that need both need to be
 * gone through only once.
 *
 * <p>What appending a block of zeros does to a checksum is linear over GF(2): 32 images of single
 * bits say all of it, a table per byte makes it four look-ups. Immutable.
 */
public final class JoinedCrc32c {
    private static final int POLYNOMIAL =
            0x82F6_3B78; // Castagnoli, lowest power in the highest bit

    private final int[] first = new int[256];
    private final int[] second = new int[256];
    private final int[] third = new int[256];
    private final int[] fourth = new int[256];

    /**
     * @param blockBytes a power of two
     */
    public JoinedCrc32c(int blockBytes) {
        if (Integer.bitCount(blockBytes) != 1) {
            throw new IllegalArgumentException(blockBytes + " is no power of two");
        }
        int[] images = oneZeroBit();
        for (long bits = 1; bits < 8L * blockBytes; bits *= 2) {
            images = twice(images);
        }
        for (int value = 0; value < 256; value++) {
            first[value] = apply(images, value);
            second[value] = apply(images, value << 8);
            third[value] = apply(images, value << 16);
            fourth[value] = apply(images, value << 24);
        }
    }

    /** What one more bit, a zero, makes of a checksum that has only one bit set. */
    private static int[] oneZeroBit() {
        int[] images = new int[32];
        images[0] = POLYNOMIAL;
        for (int bit = 1; bit < 32; bit++) {
            images[bit] = 1 << (bit - 1);
        }
        return images;
    }

    private static int[] twice(int[] images) {
        int[] twice = new int[32];
        for (int bit = 0; bit < 32; bit++) {
            twice[bit] = apply(images, images[bit]);
        }
        return twice;
    }

    private static int apply(int[] images, int crc) {
        int sum = 0;
        for (int rest = crc; rest != 0; rest &= rest - 1) {
            sum ^= images[Integer.numberOfTrailingZeros(rest)];
        }
        return sum;
    }

    /** The checksum of the blocks {@code from} to {@code to}, exclusive; 0 for none. */
    public int of(int[] crcs, int from, int to) {
        int joined = 0;
        for (int i = from; i < to; i++) {
            joined =
                    first[joined & 255]
                            ^ second[joined >>> 8 & 255]
                            ^ third[joined >>> 16 & 255]
                            ^ fourth[joined >>> 24]
                            ^ crcs[i];
        }
        return joined;
    }
}
