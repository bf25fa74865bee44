package io.arcfs.tier.local;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.lock.NonReentrantReadWriteLock;
import io.arcfs.posix.PosixException;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.FooterReader;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.ssd.CacheFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the parts of a container's slot share: its catalog row, its SSD copy and the lock of both.
 *
 * <p>Invariants: the row in memory is the row in the catalog; every change of it is a synced
 * catalog write, made after the data it speaks of is durable and before data it no longer needs
 * goes away. OPEN and STAGED have an SSD copy or are lost, and say so.
 *
 * <p>Thread-safe: {@code life} is held shared while the SSD copy is used, exclusively while it
 * comes, goes or the state changes.
 */
final class SlotState {
    private static final Logger LOG = LoggerFactory.getLogger(SlotState.class);

    final SlotContext context;
    final ContainerId id;
    final NonReentrantReadWriteLock life = new NonReentrantReadWriteLock();
    final SsdCopy ssd; // guarded by life
    private volatile ContainerRow row;
    private volatile @Nullable ObjectTable objects;
    private volatile long lastUseNanos = System.nanoTime();
    private @Nullable String lost; // guarded by life
    private volatile boolean forgotten;

    SlotState(SlotContext context, ContainerRow row) {
        this.context = context;
        this.id = row.id();
        this.row = row;
        this.ssd = new SsdCopy(context, id);
    }

    ContainerRow row() {
        return row;
    }

    ContainerState state() {
        return row.state();
    }

    /** Whether the catalog does not know it any more: nothing may be noted of it. */
    boolean isForgotten() {
        return forgotten;
    }

    boolean onMedia() {
        return row.state() == ContainerState.COLD || row.state() == ContainerState.EVICTED;
    }

    long lastUseNanos() {
        return lastUseNanos;
    }

    void used() {
        lastUseNanos = System.nanoTime();
    }

    /** The catalog first, then memory. */
    void put(ContainerRow next) throws IOException {
        if (forgotten) {
            throw lostException(); // or the catalog would know it again
        }
        context.catalog().put(next);
        row = next;
    }

    /** The row and the footer in one commit. */
    void putClosed(ContainerRow staged, byte[] footer, ObjectTable table) throws IOException {
        context.catalog().putClosed(staged, footer);
        Failpoint.CLOSE_STAGED.reach();
        row = staged;
        objects = table;
    }

    /** Before the first byte goes. */
    void becomeEvicted() throws IOException {
        if (row.state() != ContainerState.EVICTED) {
            put(row.in(ContainerState.EVICTED));
            Failpoint.EVICT_MARKED.reach();
        }
    }

    /** End of what is in this container: what lies behind reads as zeros. */
    long usedBlocksEnd() {
        ContainerRow now = row;
        return now.state() == ContainerState.OPEN
                ? context.geometry().dataBytes()
                : context.geometry().roundUpToBlock(now.usedBytes());
    }

    int objectAt(long within) {
        return Math.toIntExact(within / context.geometry().objectBytes());
    }

    ObjectTable objects() throws IOException {
        ObjectTable table = objects;
        if (table == null) {
            table = footer().objects();
            objects = table;
        }
        return table;
    }

    Footer footer() throws IOException {
        return FooterReader.decode(footerBytes(), "tier catalog, " + id);
    }

    byte[] footerBytes() throws IOException {
        return context.catalog()
                .footer(id)
                .orElseThrow(() -> new IOException("tier catalog: no footer of " + id));
    }

    void lose(String why) {
        lost = why;
        context.problems().set(id.toString(), id + ": " + why);
        LOG.error("{}: {}", id, why);
    }

    /** It was given up on purpose. */
    void forgotten(String why) {
        forgotten = true;
        lost = why;
        context.problems().clear(id.toString());
    }

    /** What is on media needs no SSD copy. */
    void loseCold(String why) throws IOException {
        LOG.warn("{}: {}; it will be recalled", id, why);
        context.problems().set(id.toString(), id + ": " + why + "; it will be recalled");
        becomeEvicted();
        ssd.remove();
    }

    IOException lostException() {
        return new IOException(id + ": " + (lost == null ? "its SSD copy is gone" : lost));
    }

    /**
     * The SSD copy, opened if need be, null when there is none; {@code life} is then held shared.
     */
    @SuppressWarnings("LockNotBeforeTry") // the caller unlocks
    @Nullable CacheFile lockLoaded() throws IOException {
        while (true) {
            life.readLock().lock();
            CacheFile here = ssd.loaded();
            if (here != null || !ssd.exists() || lost != null) {
                return here;
            }
            life.readLock().unlock();
            load();
        }
    }

    private void load() throws IOException {
        life.writeLock().lock();
        try {
            if (ssd.loaded() == null && ssd.exists()) {
                loadOrRecover();
            }
        } finally {
            life.writeLock().unlock();
        }
    }

    /** {@code life} held exclusively: the SSD copy, opened if need be, null when there is none. */
    @Nullable CacheFile loadedExclusively() throws IOException {
        if (ssd.loaded() == null && ssd.exists() && lost == null) {
            loadOrRecover();
        }
        return ssd.loaded();
    }

    private static boolean isShortage(IOException e) {
        return e instanceof PosixException failure && failure.errno().isShortage();
    }

    private void loadOrRecover() throws IOException {
        try {
            ssd.load();
        } catch (IOException e) {
            if (isShortage(e)) {
                throw e; // nothing is wrong with the copy
            }
            switch (row.state()) {
                case OPEN -> throw e;
                case STAGED -> {
                    // The only copy: what fits the footer is right, whatever the checksums say.
                    LOG.warn("{}: block checksums made anew: {}", id, e.getMessage());
                    ssd.recover(objects());
                }
                case COLD, EVICTED -> loseCold("its SSD copy cannot be opened: " + e.getMessage());
            }
        }
    }
}
