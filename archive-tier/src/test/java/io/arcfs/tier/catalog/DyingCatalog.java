package io.arcfs.tier.catalog;

import io.arcfs.tier.ContainerId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A catalog whose process dies at its n-th write: that write is made or not, later ones are not.
 */
public final class DyingCatalog implements TierCatalog {
    private final TierCatalog catalog;
    private final AtomicInteger writesLeft;
    private final boolean lastIsMade;

    public DyingCatalog(TierCatalog catalog, int writesLeft, boolean lastIsMade) {
        this.catalog = catalog;
        this.writesLeft = new AtomicInteger(writesLeft);
        this.lastIsMade = lastIsMade;
    }

    /** Whether it has died. */
    public boolean isDead() {
        return writesLeft.get() <= 0;
    }

    private interface Write {
        void run() throws IOException;
    }

    private void write(Write write) throws IOException {
        int left = writesLeft.getAndDecrement();
        if (left > 1 || (left == 1 && lastIsMade)) {
            write.run();
        }
        if (left <= 1) {
            throw new IOException("injected: the process has died");
        }
    }

    @Override
    public void put(ContainerRow row) throws IOException {
        write(() -> catalog.put(row));
    }

    @Override
    public void putClosed(ContainerRow row, byte[] footer) throws IOException {
        write(() -> catalog.putClosed(row, footer));
    }

    @Override
    public void remove(ContainerId container) throws IOException {
        write(() -> catalog.remove(container));
    }

    @Override
    public void putMedium(String spec, UUID medium) throws IOException {
        catalog.putMedium(spec, medium);
    }

    @Override
    public List<ContainerRow> rows() throws IOException {
        return catalog.rows();
    }

    @Override
    public Optional<byte[]> footer(ContainerId container) throws IOException {
        return catalog.footer(container);
    }

    @Override
    public Map<String, UUID> media() throws IOException {
        return catalog.media();
    }

    @Override
    public Optional<byte[]> note(String name) throws IOException {
        return catalog.note(name);
    }

    @Override
    public List<String> notes(String prefix) throws IOException {
        return catalog.notes(prefix);
    }

    @Override
    public void putNote(String name, byte @Nullable [] value) throws IOException {
        write(() -> catalog.putNote(name, value));
    }

    @Override
    public void close() throws IOException {
        catalog.close();
    }
}
