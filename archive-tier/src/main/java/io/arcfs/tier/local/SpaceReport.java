package io.arcfs.tier.local;

import io.arcfs.tier.ContainerState;
import io.arcfs.tier.TierSpace;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.util.Arrays;

/** Counts what the tier can still take; touches no medium's data. Thread-safe. */
final class SpaceReport {
    private final SlotContext context;
    private final SlotTable slots;
    private final MediaPool pool;

    SpaceReport(SlotContext context, SlotTable slots, MediaPool pool) {
        this.context = context;
        this.slots = slots;
        this.pool = pool;
    }

    TierSpace space() throws IOException {
        long evictable = 0;
        long waiting = 0;
        for (ContainerSlot slot : slots.all()) {
            ContainerState state = slot.state();
            if (slot.isEvictable()) {
                evictable += context.ssd().allocatedBytes(slot.id());
            } else if (state == ContainerState.OPEN || state == ContainerState.STAGED) {
                waiting += context.ssd().allocatedBytes(slot.id());
            }
        }
        long[] free =
                pool.media().stream()
                        .filter(medium -> !medium.isRetiring())
                        .mapToLong(PooledMedium::freeBytes)
                        .toArray();
        return new TierSpace(
                Math.max(0, evictable - context.pins().bytes()),
                Math.max(0, storable(free, context.eviction().copies()) - waiting));
    }

    /**
     * How much fits when each byte goes to {@code copies} different media. However many of the
     * largest take a copy of everything, the rest together must hold the other copies.
     */
    static long storable(long[] freeBytes, int copies) {
        if (freeBytes.length < copies) {
            return 0;
        }
        long[] ascending = freeBytes.clone();
        Arrays.sort(ascending);
        long most = Long.MAX_VALUE;
        for (int whole = 0; whole < copies; whole++) {
            long rest = 0;
            for (int i = 0; i < ascending.length - whole; i++) {
                rest = saturatedSum(rest, ascending[i]);
            }
            most = Math.min(most, rest / (copies - whole));
        }
        return most;
    }

    private static long saturatedSum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
