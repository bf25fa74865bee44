package io.arcfs.tier.local;

import io.arcfs.device.BlockDevice;
import io.arcfs.failpoint.Failpoint;
import io.arcfs.posix.BufferPool;
import io.arcfs.posix.Posix;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Tier;
import io.arcfs.tier.TierControl;
import io.arcfs.tier.TierMaintenance;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.catalog.RocksTierCatalog;
import io.arcfs.tier.catalog.SequenceNote;
import io.arcfs.tier.catalog.TierCatalog;
import io.arcfs.tier.head.HeadCache;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.MediumSpec;
import io.arcfs.tier.medium.PooledMedium;
import io.arcfs.tier.recall.Readahead;
import io.arcfs.tier.recall.Recaller;
import io.arcfs.tier.ssd.SsdDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tier in this process, kept in {@code VOLUME/tier} (catalog, lock) and {@code VOLUME/ssd} (cache
 * files). Thread-safe.
 */
public final class LocalTier implements Tier {
    private static final Logger LOG = LoggerFactory.getLogger(LocalTier.class);
    private static final String CATALOG = "catalog";
    private static final String LOCK = "lock";
    private static final long MOST_READAHEAD_BYTES = 2L << 30;

    private final Geometry geometry;
    private final BlockDevice device;
    private final TierControl control;
    private final TierMaintenance maintenance;
    private final Scrubber scrubber;
    private final Deque<AutoCloseable> parts;

    private LocalTier(
            Geometry geometry,
            BlockDevice device,
            TierControl control,
            TierMaintenance maintenance,
            Scrubber scrubber,
            Deque<AutoCloseable> parts) {
        this.scrubber = scrubber;
        this.geometry = geometry;
        this.maintenance = maintenance;
        this.device = device;
        this.control = control;
        this.parts = parts;
    }

    /**
     * Opens the tier of a volume, made if there is none, brings its containers to where the catalog
     * says, and goes on with what was being destaged.
     */
    public static LocalTier open(TierOptions options) throws IOException {
        return open(
                options,
                UnaryOperator.identity(),
                catalog ->
                        MediaPool.open(
                                options.cold(),
                                options.volumeDirectory(),
                                options.volume(),
                                options.geometry(),
                                catalog));
    }

    /** Where the media come from; tests put faults in between. */
    @FunctionalInterface
    interface PoolOpener {
        MediaPool open(TierCatalog catalog) throws IOException;
    }

    static LocalTier open(
            TierOptions options, UnaryOperator<TierCatalog> catalogSeam, PoolOpener poolOpener)
            throws IOException {
        // Whatever was opened is closed in the opposite order, here on failure or in close().
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return open(options, catalogSeam, poolOpener, parts);
        } catch (IOException | RuntimeException e) {
            try {
                closeAll(parts);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private static LocalTier open(
            TierOptions options,
            UnaryOperator<TierCatalog> catalogSeam,
            PoolOpener poolOpener,
            Deque<AutoCloseable> parts)
            throws IOException {
        Geometry geometry = options.geometry();
        Path tierDirectory = options.volumeDirectory().resolve("tier");
        Files.createDirectories(tierDirectory);
        parts.push(TierLock.acquire(tierDirectory.resolve(LOCK)));
        RocksTierCatalog rocks =
                RocksTierCatalog.open(tierDirectory.resolve(CATALOG), options.volume(), geometry);
        parts.push(rocks);
        TierCatalog catalog = catalogSeam.apply(rocks);
        MediaPool pool = poolOpener.open(catalog);
        parts.push(pool);
        Path ssd = options.volumeDirectory().resolve("ssd");
        HeadCache heads =
                HeadCache.open(
                        ssd.resolve("heads"), options.volume(), catalog, options.headShareBytes());
        parts.push(heads);
        SlotContext context =
                new SlotContext(
                        options.volume(),
                        geometry,
                        SsdDirectory.open(ssd),
                        catalog,
                        new EvictionPolicy(
                                options.copies(), pool::counts, Pins.open(catalog, geometry)),
                        heads,
                        new Problems(),
                        new AtomicInteger());
        SlotTable slots = new SlotTable(context);
        parts.push(() -> shutDown(slots));
        for (PooledMedium medium : pool.media()) {
            medium.setRetiring(catalog.note(MediaChanges.RETIRING + medium.spec()).isPresent());
        }
        List<ContainerId> cached = context.ssd().list();
        Set<ContainerId> withFiles = new HashSet<>(cached);
        for (ContainerRow row : catalog.rows()) {
            slots.put(ContainerSlot.restored(context, row, withFiles.contains(row.id())));
        }
        removeUnknownFiles(options, context, slots, cached);
        LastChecks checks = new LastChecks(catalog, System::currentTimeMillis);
        ContainerRelease release = new ContainerRelease(context, slots, pool, checks);
        release.freePlaces();
        warnOfSharedFileSystems(options, context.problems());

        BufferPool objectBuffers = new BufferPool(geometry.objectBytes(), 2);
        Recaller recaller = Recaller.start(pool, geometry.objectBytes(), options.recallTimeout());
        UncachedReader uncached = new UncachedReader(geometry, pool, m -> m.objectsRead);
        UncachedReader forCopies = new UncachedReader(geometry, pool, m -> m.objectsVerified);
        SsdBudget budget = new SsdBudget(context, slots, options.ssdLimitBytes());
        Destager destager =
                Destager.start(
                        context,
                        pool,
                        options,
                        recaller,
                        forCopies,
                        objectBuffers,
                        checks,
                        budget::enforce);
        recaller.onRead((container, medium, object, count) ->
                noteRead(checks, container, medium, object, count));
        recaller.onSettled(destager::requestBudgetCheck);
        recaller.onDamaged((container, medium) -> {
            ContainerSlot slot = slots.get(container);
            if (slot != null) {
                medium.id().ifPresent(id -> destager.repair(slot, id));
            }
        });
        parts.push(destager);
        parts.push(recaller);
        for (ContainerSlot slot : slots.all()) {
            if (slot.state() == ContainerState.STAGED || slot.lacksCopies()) {
                destager.add(slot);
            }
        }
        ReadaheadRequests requests = new ReadaheadRequests(geometry, slots, pool, recaller);
        Readahead readahead =
                new Readahead(
                        geometry,
                        System::nanoTime,
                        requests::costsOf,
                        Math.min(MOST_READAHEAD_BYTES, options.ssdLimitBytes() / 8),
                        requests);
        Scrubber scrubber = new Scrubber(context, slots, pool, destager, checks);
        TierReport report =
                new TierReport(context, slots, pool, recaller, destager, scrubber, checks);
        return new LocalTier(
                geometry,
                new TierDevice(geometry, slots, recaller, uncached, readahead),
                new LocalTierControl(
                        context,
                        slots,
                        recaller,
                        destager,
                        report,
                        release,
                        options.heads(),
                        new RecallEstimator(geometry, slots, pool),
                        new SpaceReport(context, slots, pool),
                        objectBuffers),
                new LocalMaintenance(
                        destager,
                        new MediaChanges(options, context, slots, pool, destager),
                        scrubber),
                scrubber,
                parts);
    }

    private static void noteRead(
            LastChecks checks, ContainerId container, PooledMedium medium, int object, int count) {
        UUID id = medium.id().orElse(null);
        if (id == null) {
            return;
        }
        try {
            checks.recalled(container, id, object, count);
        } catch (IOException e) {
            // Verify will read it again.
            LOG.warn("{}: that it was read is not remembered: {}", container, e.getMessage());
        }
    }

    private static void removeUnknownFiles(
            TierOptions options, SlotContext context, SlotTable slots, List<ContainerId> cached)
            throws IOException {
        for (ContainerId id : cached) {
            if (slots.get(id) != null) {
                continue;
            }
            if (context.ssd().isClosed(id, options.volume(), options.geometry())
                    && !wasReleased(context.catalog(), id)) {
                // Whole and known to nobody: the catalog is of another time. Never thrown away.
                context.problems()
                        .set(
                                "unknown " + id,
                                id + ": its cache file is whole, and the catalog does not know it");
                LOG.warn("{}: its cache file is whole, and the catalog does not know it", id);
            } else {
                LOG.info("{}: its cache file belongs to no container in use, removed", id);
                context.ssd().remove(id);
                Failpoint.RECOVER_CACHE_REMOVED.reach();
            }
        }
        for (ContainerId id : context.heads().containers()) {
            if (slots.get(id) == null) {
                LOG.info("{}: its heads belong to no container in use, removed", id);
                context.heads().forget(id);
            }
        }
        for (ContainerId id : context.pins().containers()) {
            if (slots.get(id) == null) {
                context.pins().forget(id);
            }
        }
    }

    /** Whether its release was cut off between the catalog and the SSD. */
    private static boolean wasReleased(TierCatalog catalog, ContainerId id) throws IOException {
        return catalog.note(SequenceNote.name(id.number()))
                .filter(note -> SequenceNote.sequence(note) >= id.sequence())
                .isPresent();
    }

    private static void warnOfSharedFileSystems(TierOptions options, Problems problems) {
        for (String text : options.cold()) {
            Path path = MediumSpec.parse(text, options.volumeDirectory()).path();
            try {
                if (deviceOf(path) == deviceOf(options.volumeDirectory())) {
                    problems.set(
                            "shared " + text,
                            "cold medium "
                                    + text
                                    + " lies on the SSD's own file system; it frees no space and"
                                    + " is no second copy");
                }
            } catch (IOException e) {
                LOG.debug("{}: {}", text, e.getMessage()); // offline, which status says
            }
        }
    }

    private static long deviceOf(Path path) throws IOException {
        return Posix.lstat(Posix.bytes(path.toRealPath())).device();
    }

    private static void shutDown(SlotTable slots) throws IOException {
        IOException first = null;
        for (ContainerSlot slot : slots.all()) {
            try {
                slot.shutDown();
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    @Override
    public Geometry geometry() {
        return geometry;
    }

    @Override
    public BlockDevice device() {
        return device;
    }

    @Override
    public TierControl control() {
        return control;
    }

    /** For tests that watch it work. */
    Scrubber scrubber() {
        return scrubber;
    }

    @Override
    public TierMaintenance maintenance() {
        return maintenance;
    }

    /** Idempotent; no read or write may be under way. */
    @Override
    public void close() throws IOException {
        closeAll(parts);
    }

    private static synchronized void closeAll(Deque<AutoCloseable> parts) throws IOException {
        IOException first = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (IOException | RuntimeException e) {
                IOException failure = e instanceof IOException io ? io : new IOException(e);
                first = first == null ? failure : first;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
