package io.arcfs.tier.local;

import io.arcfs.tier.ContainerState;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.util.UUID;

/** Media that come and go. Thread-safe. */
final class MediaChanges {
    /** Begins the name of the note that a medium is leaving; its spec follows. */
    static final String RETIRING = "retiring ";

    private final TierOptions options;
    private final SlotContext context;
    private final SlotTable slots;
    private final MediaPool pool;
    private final Destager destager;

    MediaChanges(
            TierOptions options,
            SlotContext context,
            SlotTable slots,
            MediaPool pool,
            Destager destager) {
        this.options = options;
        this.context = context;
        this.slots = slots;
        this.pool = pool;
        this.destager = destager;
    }

    synchronized void add(String spec) throws IOException {
        PooledMedium there = pool.bySpec(spec).orElse(null);
        if (there != null) {
            // Taken back before it was gone.
            context.catalog().putNote(RETIRING + spec, null);
            there.setRetiring(false);
            return;
        }
        UUID known = context.catalog().media().get(spec);
        PooledMedium medium =
                MediaPool.pooled(
                        spec,
                        options.volumeDirectory(),
                        context.volume(),
                        context.geometry(),
                        context.catalog(),
                        known);
        pool.add(medium);
        requestMissingCopies();
    }

    private void requestMissingCopies() {
        for (ContainerSlot slot : slots.all()) {
            if (slot.lacksCopies()) {
                destager.add(slot);
            }
        }
    }

    synchronized void retire(String spec) throws IOException, InterruptedException {
        PooledMedium medium =
                pool.bySpec(spec)
                        .orElseThrow(() -> new IOException(spec + " is no medium of this volume"));
        long others = pool.media().stream().filter(m -> m != medium && !m.isRetiring()).count();
        if (others < options.copies()) {
            throw new IOException(
                    spec
                            + " cannot go: "
                            + options.copies()
                            + " copies need as many media; add one first");
        }
        context.catalog().putNote(RETIRING + spec, new byte[] {1});
        medium.setRetiring(true);
        requestMissingCopies();
        destager.await();
        UUID id = medium.id().orElse(null);
        if (id != null) {
            for (ContainerSlot slot : slots.all()) {
                if (slot.state() != ContainerState.OPEN && isOn(slot, id)) {
                    slot.withdraw(id);
                }
            }
        }
        pool.remove(medium);
        context.catalog().putNote(RETIRING + spec, null);
    }

    private static boolean isOn(ContainerSlot slot, UUID medium) {
        return slot.placements().stream().map(Placement::medium).anyMatch(medium::equals);
    }
}
