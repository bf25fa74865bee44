package io.arcfs.tier.medium;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.catalog.TierCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cold media of a volume; a medium that is offline is part of it all the same. Thread-safe. */
public final class MediaPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MediaPool.class);

    private final List<PooledMedium> media;

    public MediaPool(List<PooledMedium> media) {
        this.media = new CopyOnWriteArrayList<>(media);
    }

    /** Takes one more medium in; two names of one medium are an error. */
    public synchronized void add(PooledMedium medium) throws IOException {
        UUID id = medium.open().id();
        Optional<PooledMedium> same = byId(id);
        if (same.isPresent()) {
            throw new IOException("cold media " + same.get() + " and " + medium + " are the same");
        }
        media.add(medium);
    }

    /** Lets a medium go. */
    public synchronized void remove(PooledMedium medium) throws IOException {
        media.remove(medium);
        medium.close();
    }

    public Optional<PooledMedium> bySpec(String spec) {
        return media.stream().filter(m -> m.spec().equals(spec)).findFirst();
    }

    /**
     * Opens the media of these specs and notes in the catalog how to know them again. One that
     * cannot be opened is offline, no error; two names of one medium are an error.
     */
    public static MediaPool open(
            List<String> specs,
            Path volumeDirectory,
            UUID volume,
            Geometry geometry,
            TierCatalog catalog)
            throws IOException {
        Map<String, UUID> known = catalog.media();
        List<PooledMedium> media = new ArrayList<>();
        for (String text : specs) {
            media.add(pooled(text, volumeDirectory, volume, geometry, catalog, known.get(text)));
        }
        MediaPool pool = new MediaPool(media);
        pool.openAll();
        pool.requireDistinct();
        return pool;
    }

    /**
     * A medium as the pool keeps it, not yet opened.
     *
     * @param known what the catalog knows it by, if it does
     */
    public static PooledMedium pooled(
            String text,
            Path volumeDirectory,
            UUID volume,
            Geometry geometry,
            TierCatalog catalog,
            @Nullable UUID known) {
        MediumSpec spec = MediumSpec.parse(text, volumeDirectory);
        return new PooledMedium(text, id -> openOne(spec, volume, geometry, catalog, id), known);
    }

    private static Medium openOne(
            MediumSpec spec,
            UUID volume,
            Geometry geometry,
            TierCatalog catalog,
            @Nullable UUID known)
            throws IOException {
        Medium medium = MediumOpener.open(spec, volume, geometry, known);
        if (known == null) {
            catalog.putMedium(spec.text(), medium.id());
            Failpoint.TIER_NOTED.reach();
        }
        return medium;
    }

    private void openAll() {
        for (PooledMedium medium : media) {
            try {
                Medium open = medium.open();
                LOG.debug("cold medium {} is {}", medium, open.id());
            } catch (IOException e) {
                LOG.warn("cold medium {} is offline: {}", medium, e.getMessage());
            }
        }
    }

    private void requireDistinct() throws IOException {
        Map<UUID, PooledMedium> byId = new HashMap<>();
        for (PooledMedium medium : media) {
            Optional<UUID> id = medium.id();
            PooledMedium other = id.isEmpty() ? null : byId.put(id.get(), medium);
            if (other != null) {
                close();
                throw new IOException(
                        "cold media " + other + " and " + medium + " are the same; name it once");
            }
        }
    }

    public List<PooledMedium> media() {
        return List.copyOf(media);
    }

    /** Whether copies there count: the medium is in the pool and to stay. */
    public boolean counts(UUID id) {
        return byId(id).filter(m -> !m.isRetiring()).isPresent();
    }

    public Optional<PooledMedium> byId(UUID id) {
        return media.stream().filter(m -> m.id().filter(id::equals).isPresent()).findFirst();
    }

    /** Where to place the next copy of what is on {@code taken} already, best first. */
    public List<PooledMedium> candidates(Set<UUID> taken) {
        record Candidate(PooledMedium medium, PooledMedium.State state, long usedBytes) {}
        return media.stream()
                .filter(m -> m.id().filter(taken::contains).isEmpty() && !m.isRetiring())
                .map(m -> new Candidate(m, m.state(), m.usedBytes())) // they change meanwhile
                .sorted(
                        Comparator.comparing(Candidate::state)
                                .thenComparingLong(Candidate::usedBytes))
                .map(Candidate::medium)
                .toList();
    }

    @Override
    public void close() throws IOException {
        IOException first = null;
        for (PooledMedium medium : media) {
            try {
                medium.close();
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
