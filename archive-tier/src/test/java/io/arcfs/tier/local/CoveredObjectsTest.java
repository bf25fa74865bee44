package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class CoveredObjectsTest {
    private static final Geometry TINY = TierFixture.TINY;
    private static final long[] USED = {TINY.dataBytes(), 100 * 4096, 0, 37 * 4096, 4096};

    /** Against the definition, block by block. */
    @Test
    void agreesWithCountingBlocks() {
        Random random = new Random(9);
        for (int round = 0; round < 300; round++) {
            List<DeviceExtent> extents = new ArrayList<>();
            BitSet blocks = new BitSet();
            for (int i = 0; i < 1 + random.nextInt(6); i++) {
                long address = random.nextInt((int) (5 * TINY.containerBytes() / 4096)) * 4096L;
                long length = random.nextInt(200_000);
                extents.add(new DeviceExtent(address, length));
                blocks.set((int) (address / 4096), (int) ((address + length + 4095) / 4096));
            }
            Map<Integer, BitSet> whole = new TreeMap<>();
            Map<Integer, BitSet> touched = new TreeMap<>();
            for (int container = 0; container < USED.length; container++) {
                long used = USED[container];
                for (int object = 0; (long) object * TINY.objectBytes() < used; object++) {
                    long from = TINY.containerStart(container) + (long) object * TINY.objectBytes();
                    long to =
                            Math.min(
                                    from + TINY.objectBytes(),
                                    TINY.containerStart(container) + used);
                    int first = (int) (from / 4096);
                    int end = (int) (to / 4096);
                    if (blocks.nextClearBit(first) >= end) {
                        whole.computeIfAbsent(container, c -> new BitSet()).set(object);
                    }
                    int touch = blocks.nextSetBit(first);
                    if (touch >= 0 && touch < end) {
                        touched.computeIfAbsent(container, c -> new BitSet()).set(object);
                    }
                }
            }
            assertThat(CoveredObjects.whollyIn(extents, TINY, this::used)).isEqualTo(whole);
            assertThat(CoveredObjects.touching(extents, TINY, this::used)).isEqualTo(touched);
        }
    }

    private long used(int container) {
        return container < USED.length ? USED[container] : 0;
    }
}
