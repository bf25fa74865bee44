package io.arcfs.tier.medium;

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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cold media of a volume; a medium that is offline is part of it all the same. Thread-safe. */
public final class MediaPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MediaPool.class);

    private final List<PooledMedium> media;

    public MediaPool(List<PooledMedium> media) {
        this.media = List.copyOf(media);
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
            MediumSpec spec = MediumSpec.parse(text, volumeDirectory);
            media.add(
                    new PooledMedium(
                            spec.text(),
                            id -> openOne(spec, volume, geometry, catalog, id),
                            known.get(spec.text())));
        }
        MediaPool pool = new MediaPool(media);
        pool.openAll();
        pool.requireDistinct();
        return pool;
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
        return media;
    }

    public Optional<PooledMedium> byId(UUID id) {
        return media.stream().filter(m -> m.id().filter(id::equals).isPresent()).findFirst();
    }

    /** Where to place the next copy of what is on {@code taken} already, best first. */
    public List<PooledMedium> candidates(Set<UUID> taken) {
        return media.stream()
                .filter(m -> m.id().filter(taken::contains).isEmpty())
                .sorted(
                        Comparator.comparing(PooledMedium::state)
                                .thenComparingLong(PooledMedium::usedBytes))
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
