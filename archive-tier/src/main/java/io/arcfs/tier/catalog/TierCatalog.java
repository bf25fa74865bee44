package io.arcfs.tier.catalog;

import io.arcfs.tier.ContainerId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The tier's durable knowledge. Each change is one synced write: when a method has returned, it
 * holds after a power loss; when it has thrown, the old or the new holds. Callers make data durable
 * before they call. Thread-safe.
 */
public interface TierCatalog extends AutoCloseable {
    /** Every container in use, by number. */
    List<ContainerRow> rows() throws IOException;

    void put(ContainerRow row) throws IOException;

    /** A container's row together with its footer: the step OPEN to STAGED. */
    void putClosed(ContainerRow row, byte[] footer) throws IOException;

    /** Forgets a container and its footer. */
    void remove(ContainerId container) throws IOException;

    Optional<byte[]> footer(ContainerId container) throws IOException;

    /** Identity of every medium that was ever used, by its spec. */
    Map<String, UUID> media() throws IOException;

    void putMedium(String spec, UUID medium) throws IOException;

    /** A small thing to remember under a name; empty if there is none. */
    Optional<byte[]> note(String name) throws IOException;

    /** Names of all notes that begin so. */
    List<String> notes(String prefix) throws IOException;

    /**
     * Remembers it.
     *
     * @param value null: forgets it
     */
    void putNote(String name, byte @Nullable [] value) throws IOException;

    @Override
    void close() throws IOException;
}
