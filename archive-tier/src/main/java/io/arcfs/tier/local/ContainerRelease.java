package io.arcfs.tier.local;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.catalog.SequenceNote;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives containers back. In this order, each step durable before the next: the sequence that may
 * not be used again, the places to be freed, the container's row; then its SSD bytes and the places
 * on the media go. What is left over is done when the tier is opened again. Thread-safe.
 */
final class ContainerRelease {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerRelease.class);
    private static final String FREE = "free ";

    private final SlotContext context;
    private final SlotTable slots;
    private final MediaPool pool;
    private final LastChecks checks;

    ContainerRelease(SlotContext context, SlotTable slots, MediaPool pool, LastChecks checks) {
        this.context = context;
        this.slots = slots;
        this.pool = pool;
        this.checks = checks;
    }

    synchronized void release(ContainerSlot slot) throws IOException {
        ContainerId id = slot.id();
        context.catalog()
                .putNote(SequenceNote.name(id.number()), SequenceNote.value(id.sequence()));
        Failpoint.RELEASE_NOTED.reach();
        for (Placement placement : slot.placements()) {
            context.catalog().putNote(note(placement), new byte[] {1});
            Failpoint.RELEASE_NOTED.reach();
        }
        slot.release();
        slots.remove(slot);
        context.heads().forget(id);
        context.pins().forget(id);
        checks.forget(id);
        for (PooledMedium medium : pool.media()) {
            medium.repaired(id);
        }
        freePlaces();
        LOG.info("{} is released", id);
    }

    private static String note(Placement placement) {
        return FREE + placement.medium() + " " + placement.place();
    }

    /** Frees on the media that are there what released containers held. */
    synchronized void freePlaces() throws IOException {
        for (String note : context.catalog().notes(FREE)) {
            int space = note.indexOf(' ', FREE.length());
            UUID medium = UUID.fromString(note.substring(FREE.length(), space));
            Placement placement = new Placement(medium, note.substring(space + 1));
            Optional<PooledMedium> pooled = pool.byId(medium);
            if (!isUsed(placement)) {
                if (pooled.isEmpty()) {
                    continue; // its medium is not in the pool now
                }
                try {
                    pooled.get().open().free(placement.place());
                    pooled.get().recountUsedBytes();
                } catch (IOException e) {
                    LOG.warn("{}: not freed yet: {}", placement.place(), e.getMessage());
                    continue;
                }
            }
            context.catalog().putNote(note, null);
            Failpoint.RELEASE_FREED.reach();
        }
    }

    /** Whether a container in use is there: then the release was cut off before it counted. */
    private boolean isUsed(Placement placement) {
        return slots.all().stream().anyMatch(slot -> slot.placements().contains(placement));
    }

    int nextSequence(int number) throws IOException {
        return context.catalog()
                        .note(SequenceNote.name(number))
                        .map(SequenceNote::sequence)
                        .orElse(0)
                + 1;
    }
}
