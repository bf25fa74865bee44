package io.arcfs.tier.recall;

import io.arcfs.tier.medium.Medium;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The place of a medium that is being read, kept open for the next read of it. Not thread-safe. */
final class OpenPlace implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenPlace.class);

    private final PooledMedium medium;
    private @Nullable Medium openedFrom;
    private @Nullable String place;
    private Medium.@Nullable PlaceReader reader;

    OpenPlace(PooledMedium medium) {
        this.medium = medium;
    }

    /** Fills the target, or fails and keeps nothing open. */
    void read(String wanted, long offset, MemorySegment target) throws IOException {
        Medium open = medium.open();
        try {
            Medium.PlaceReader current = reader;
            if (current == null || !open.equals(openedFrom) || !wanted.equals(place)) {
                close();
                current = open.reader(wanted);
                reader = current;
                openedFrom = open;
                place = wanted;
            }
            current.read(offset, target);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    @Override
    public void close() {
        Medium.PlaceReader current = reader;
        reader = null;
        openedFrom = null;
        place = null;
        if (current != null) {
            try {
                current.close();
            } catch (IOException e) {
                LOG.debug("{}: {}", medium, e.getMessage()); // it was only read
            }
        }
    }
}
