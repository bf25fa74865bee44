package io.arcfs.tier.local;

import io.arcfs.tier.Geometry;
import io.arcfs.tier.catalog.TierCatalog;
import io.arcfs.tier.head.HeadCache;
import io.arcfs.tier.ssd.SsdDirectory;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What every container of a tier shares. Immutable but for the counter.
 *
 * @param loadedCaches SSD copies whose checksums are in memory
 */
record SlotContext(
        UUID volume,
        Geometry geometry,
        SsdDirectory ssd,
        TierCatalog catalog,
        EvictionPolicy eviction,
        HeadCache heads,
        Problems problems,
        AtomicInteger loadedCaches) {
    Pins pins() {
        return eviction.pins();
    }

    /** SSD that the tier's files take. */
    long ssdBytes() throws IOException {
        return ssd.allocatedBytes() + heads.bytes();
    }
}
