package io.arcfs.tier.local;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.catalog.TierCatalog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * When each copy of a container was last read whole and found right: when it was written and read
 * back, verified, or recalled object by object. Kept in the catalog, but for recalls not yet whole.
 * Thread-safe.
 */
final class LastChecks {
    private static final String NOTE = "checked ";

    private final TierCatalog catalog;
    private final LongSupplier clockMillis;
    private final Map<Copy, Long> checkedMillis = new HashMap<>(); // guarded by this
    private final Map<Copy, Recalled> recalled = new HashMap<>(); // guarded by this

    private record Copy(ContainerId container, UUID medium) {
        String note() {
            return String.format(
                    Locale.ROOT,
                    "%s%d.%d on %s",
                    NOTE,
                    container.number(),
                    container.sequence(),
                    medium);
        }
    }

    /** Objects that recalls have read since {@code sinceMillis}. */
    private static final class Recalled {
        final BitSet objects = new BitSet();
        final long sinceMillis;

        Recalled(long sinceMillis) {
            this.sinceMillis = sinceMillis;
        }
    }

    LastChecks(TierCatalog catalog, LongSupplier clockMillis) {
        this.catalog = catalog;
        this.clockMillis = clockMillis;
    }

    /** A copy was read from its first to its last object. */
    synchronized void checked(ContainerId container, UUID medium) throws IOException {
        note(new Copy(container, medium), clockMillis.getAsLong());
    }

    /** A recall has read an object of a copy and found it right. */
    synchronized void recalled(ContainerId container, UUID medium, int object, int count)
            throws IOException {
        Copy copy = new Copy(container, medium);
        Recalled so = recalled.computeIfAbsent(copy, c -> new Recalled(clockMillis.getAsLong()));
        so.objects.set(object);
        if (so.objects.cardinality() == count) {
            note(copy, so.sinceMillis);
        }
    }

    private void note(Copy copy, long millis) throws IOException {
        recalled.remove(copy);
        checkedMillis.put(copy, millis);
        catalog.putNote(copy.note(), ByteBuffer.allocate(8).putLong(millis).array());
    }

    /** The container is no more. */
    synchronized void forget(ContainerId container) throws IOException {
        checkedMillis.keySet().removeIf(copy -> copy.container.equals(container));
        recalled.keySet().removeIf(copy -> copy.container.equals(container));
        for (String note :
                catalog.notes(NOTE + container.number() + "." + container.sequence() + " ")) {
            catalog.putNote(note, null);
        }
    }

    /**
     * Age of the check that is longest ago; one that nobody knows counts from 1970. 0 when there is
     * no copy at all.
     */
    synchronized long oldestSeconds(Collection<ContainerSlot> slots) {
        long now = clockMillis.getAsLong();
        long oldest = now;
        for (ContainerSlot slot : slots) {
            for (Placement placement : slot.placements()) {
                oldest = Math.min(oldest, millisOf(new Copy(slot.id(), placement.medium())));
            }
        }
        return (now - oldest) / 1000;
    }

    private long millisOf(Copy copy) {
        Long known = checkedMillis.get(copy);
        if (known == null) {
            known = read(copy);
            checkedMillis.put(copy, known);
        }
        return known;
    }

    private long read(Copy copy) {
        try {
            return catalog.note(copy.note()).map(b -> ByteBuffer.wrap(b).getLong()).orElse(0L);
        } catch (IOException e) {
            return 0L; // nobody knows
        }
    }
}
