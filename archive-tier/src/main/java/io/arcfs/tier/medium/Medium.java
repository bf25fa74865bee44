package io.arcfs.tier.medium;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.container.Footer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A place for whole containers of one volume.
 *
 * <ul>
 *   <li>A container is written once, front to back, to a fresh place; until {@link
 *       ContainerWriter#commit} returns nobody can find it, after that it is durable.
 *   <li>A write that was not committed leaves nothing that is ever listed or counted.
 *   <li>Ranges never written read as zeros.
 *   <li>Bytes come back unchecked: who reads holds the checksums.
 * </ul>
 *
 * Thread-safe; one container is written at a time.
 */
public interface Medium extends AutoCloseable {
    /** Identity of the medium, kept on it. */
    UUID id();

    /** Begins a container at a fresh place. */
    ContainerWriter begin(ContainerId container) throws IOException;

    /** Fills {@code target} with bytes of a place: all of it or an exception. */
    void read(String place, long offsetInContainer, MemorySegment target) throws IOException;

    /** For who reads much of a place, from front to back. */
    default PlaceReader reader(String place) throws IOException {
        return new PlaceReader() {
            @Override
            public void read(long offsetInContainer, MemorySegment target) throws IOException {
                Medium.this.read(place, offsetInContainer, target);
            }

            @Override
            public void close() {}
        };
    }

    /** The committed copy of a container, if there is a whole one. */
    default Optional<StoredContainer> find(ContainerId container) throws IOException {
        return list().whole().stream()
                .filter(stored -> stored.footer().container().equals(container))
                .findFirst();
    }

    /** Everything committed, by reading footers. */
    Listing list() throws IOException;

    /** Gives a place back. Idempotent. */
    void free(String place) throws IOException;

    /** Space that the committed places take. */
    long usedBytes() throws IOException;

    /** Space that is left for containers. */
    long freeBytes() throws IOException;

    /**
     * Where on the medium a place begins, in bytes from where the medium begins: what is read in
     * this order is read in the medium's own.
     */
    long position(String place) throws IOException;

    /** What moves its bytes, and why nothing better does. */
    default String transfers() {
        return "positioned I/O through the page cache: io_uring writes more slowly there";
    }

    /** What touching it takes; a guess where the medium does not say. */
    AccessCosts costs();

    /** Seconds that pass per second of {@link #costs}: another than 1 only for what simulates. */
    default double timeScale() {
        return 1;
    }

    @Override
    void close() throws IOException;

    /**
     * A place that is being read. Closed when nothing is read for a while: an open one may keep a
     * disk from being unmounted. Not thread-safe.
     */
    interface PlaceReader extends AutoCloseable {
        /** As {@link Medium#read}. */
        void read(long offsetInContainer, MemorySegment target) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** A container being written; closed without a commit it is as if it never was. */
    interface ContainerWriter extends AutoCloseable {
        /** Offsets only rise. */
        void write(long offsetInContainer, MemorySegment source) throws IOException;

        /** Makes the container durable and findable; returns its place. */
        String commit() throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * @param whole containers whose footer is whole
     * @param damaged one line per place whose footer is not
     */
    record Listing(List<StoredContainer> whole, List<String> damaged) {}

    /** A container found on a medium. */
    record StoredContainer(String place, Footer footer) {}
}
