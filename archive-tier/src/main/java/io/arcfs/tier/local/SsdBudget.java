package io.arcfs.tier.local;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the SSD tier under its limit by dropping what is cold, least recently used containers
 * first, down to nine tenths of the limit. What is not yet cold never goes. Confined to the destage
 * thread.
 */
final class SsdBudget {
    private static final Logger LOG = LoggerFactory.getLogger(SsdBudget.class);

    private final SlotContext context;
    private final SlotTable slots;
    private final long limitBytes;

    SsdBudget(SlotContext context, SlotTable slots, long limitBytes) {
        this.context = context;
        this.slots = slots;
        this.limitBytes = limitBytes;
    }

    void enforce() {
        try {
            long used = context.ssdBytes();
            if (used <= limitBytes) {
                return;
            }
            long target = limitBytes - limitBytes / 10;
            for (ContainerSlot slot : slots.byLastUse()) {
                if (used <= target) {
                    return;
                }
                long freed = slot.evictAll();
                if (freed > 0) {
                    LOG.info("{}: {} bytes evicted, the SSD tier is full", slot.id(), freed);
                }
                used -= freed;
            }
        } catch (IOException e) {
            LOG.warn("SSD space cannot be made: {}", e.getMessage());
        }
    }
}
