package io.arcfs.tier.local;

import io.arcfs.tier.Geometry;
import io.arcfs.tier.catalog.TierCatalog;
import io.arcfs.tier.ssd.SsdDirectory;
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
        Problems problems,
        AtomicInteger loadedCaches) {}
