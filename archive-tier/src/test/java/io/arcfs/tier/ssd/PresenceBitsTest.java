package io.arcfs.tier.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PresenceBitsTest {
    private static final int MOST = 200;

    /** Against the JDK's, at every length up to some words. */
    @Test
    void rangesAreThoseOfABitSet() {
        Random random = new Random(11);
        for (int count = 1; count <= MOST; count++) {
            PresenceBits bits = new PresenceBits(count);
            BitSet model = new BitSet();
            for (int step = 0; step < 100; step++) {
                int from = random.nextInt(count);
                int to = from + random.nextInt(count - from + 1);
                boolean value = random.nextInt(3) > 0;
                bits.set(from, to, value);
                model.set(from, to, value);
                int first = random.nextInt(count);
                int last = first + random.nextInt(count - first);
                assertThat(bits.areSet(first, last)).isEqualTo(model.nextClearBit(first) > last);
                assertThat(bits.get(first)).isEqualTo(model.get(first));
            }
            byte[] bytes = Arrays.copyOf(model.toByteArray(), (count + 7) / 8);
            assertThat(bits.toBytes()).isEqualTo(bytes);
            assertThat(PresenceBits.of(count, bytes).toBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void whatLiesBehindTheLastObjectIsNotHere() {
        PresenceBits bits = PresenceBits.of(3, new byte[] {(byte) 0xff});
        assertThat(bits.areSet(0, 2)).isTrue();
        assertThat(bits.areSet(0, 3)).isFalse();
        assertThat(bits.get(3)).isFalse();
        assertThat(bits.get(64)).isFalse();
        assertThat(bits.toBytes()).containsExactly(7);
    }

    @Test
    void noObjectsAreAllHere() {
        assertThat(new PresenceBits(5).areSet(0, -1)).isTrue();
    }
}
