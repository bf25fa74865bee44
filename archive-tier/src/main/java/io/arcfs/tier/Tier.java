package io.arcfs.tier;

import io.arcfs.device.BlockDevice;
import java.io.IOException;

/**
 * The one owner of containers, objects, the SSD tier and the cold media of a volume.
 *
 * <p>Reads through {@link #device()} find bytes wherever they are; a read of cold bytes waits for
 * their recall. Writes are taken only where {@link TierControl#open} has opened a container.
 *
 * <p>Thread-safe.
 */
public interface Tier extends AutoCloseable {
    Geometry geometry();

    BlockDevice device();

    TierControl control();

    /** Whether others than the volume's owner may read the device, by addresses of their own. */
    default boolean isExported() {
        return false;
    }

    /** What keeps the media in order. */
    TierMaintenance maintenance();

    /**
     * Stops background work at the next object, leaving it resumable, and releases the tier's lock.
     */
    @Override
    void close() throws IOException;
}
