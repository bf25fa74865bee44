package io.arcfs.tier.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class JoinedCrc32cTest {
    private static final int BLOCK = 4096;
    private final JoinedCrc32c joined = new JoinedCrc32c(BLOCK);

    @Test
    void isTheChecksumOfTheBlocksTogether() {
        Random random = new Random(5);
        for (int blocks = 0; blocks < 70; blocks++) {
            byte[] bytes = new byte[blocks * BLOCK];
            random.nextBytes(bytes);
            MemorySegment segment = MemorySegment.ofArray(bytes);
            int[] crcs = Checksums.crc32cOfBlocks(segment, BLOCK);
            assertThat(joined.of(crcs, 0, blocks)).isEqualTo(Checksums.crc32c(segment));
            int from = blocks / 3;
            assertThat(joined.of(crcs, from, blocks))
                    .isEqualTo(Checksums.crc32c(segment.asSlice((long) from * BLOCK)));
        }
    }

    @Test
    void everyBitCounts() {
        byte[] bytes = new byte[4 * BLOCK];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        int right = Checksums.crc32c(segment);
        for (int bit = 0; bit < bytes.length * 8; bit += 1021) {
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(joined.of(Checksums.crc32cOfBlocks(segment, BLOCK), 0, 4))
                    .isEqualTo(Checksums.crc32c(segment))
                    .isNotEqualTo(right);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void blocksArePowersOfTwo() {
        assertThatThrownBy(() -> new JoinedCrc32c(252)).hasMessageContaining("252");
    }
}
