package io.arcfs.tier.local;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DamagedBlockException;
import io.arcfs.tier.WriteRefusedException;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.FooterReader;
import io.arcfs.tier.container.FooterWriter;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.recall.RecallTarget;
import io.arcfs.tier.ssd.CacheFile;
import io.arcfs.tier.ssd.ChecksumRepair;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One container of the tier: its catalog row and its SSD copy.
 *
 * <p>Invariants: the row in memory is the row in the catalog; every change of it is a synced
 * catalog write, made after the data it speaks of is durable and before data it no longer needs
 * goes away. Only OPEN takes writes. OPEN and STAGED have an SSD copy or are lost, and say so.
 *
 * <p>Thread-safe: {@code life} is held shared while the SSD copy is used, exclusively while it
 * comes, goes or the state changes.
 */
final class ContainerSlot implements RecallTarget {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerSlot.class);

    private static final int[] NONE = {};

    private final SlotContext context;
    private final ContainerId id;
    private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();
    private volatile ContainerRow row;
    private volatile @Nullable ObjectTable objects;
    private volatile long lastUseNanos = System.nanoTime();
    private final SsdCopy ssd; // guarded by life, like all below
    private boolean closing;
    private @Nullable String lost;

    private ContainerSlot(SlotContext context, ContainerRow row) {
        this.context = context;
        this.id = row.id();
        this.row = row;
        this.ssd = new SsdCopy(context, id);
    }

    /** Opens a fresh container: its files are durable before the catalog names it. */
    static ContainerSlot opened(SlotContext context, ContainerId id) throws IOException {
        ContainerSlot slot = new ContainerSlot(context, ContainerRow.opened(id));
        slot.create();
        return slot;
    }

    private void create() throws IOException {
        life.writeLock().lock();
        try {
            ssd.createForWriting();
            context.catalog().put(row);
            Failpoint.CONTAINER_OPENED.reach();
        } catch (IOException e) {
            // The files stay: a write that failed may have reached the catalog all the same. What
            // it does not know is removed when the tier is opened.
            ssd.unload(false);
            throw e;
        } finally {
            life.writeLock().unlock();
        }
    }

    /** Takes up a container as the catalog left it, and makes good what a crash left undone. */
    static ContainerSlot restored(SlotContext context, ContainerRow row) throws IOException {
        ContainerSlot slot = new ContainerSlot(context, row);
        slot.restore();
        return slot;
    }

    private void restore() throws IOException {
        life.writeLock().lock();
        try {
            switch (row.state()) {
                case OPEN -> restoreOpen();
                case STAGED -> {
                    if (!ssd.lookForData()) {
                        lose("its SSD copy is gone before it reached its media");
                    }
                }
                case COLD -> {
                    if (!ssd.lookForBoth()) {
                        loseCold("its SSD copy is gone");
                    }
                }
                case EVICTED -> {
                    if (!ssd.lookForBoth()) {
                        ssd.remove(); // half of a pair
                    }
                }
            }
        } finally {
            life.writeLock().unlock();
        }
    }

    private void restoreOpen() {
        if (!ssd.lookForBoth()) {
            lose("its SSD copy is gone while it was open");
            return;
        }
        try {
            int dropped = ssd.load().dropUnflushed();
            if (dropped > 0) {
                LOG.info("{}: {} blocks were never flushed and are zeros again", id, dropped);
            }
        } catch (IOException e) {
            lose("its SSD copy cannot be opened: " + e.getMessage());
        }
    }

    private void lose(String why) {
        lost = why;
        context.problems().set(id.toString(), id + ": " + why);
        LOG.error("{}: {}", id, why);
    }

    /** What is on media needs no SSD copy. */
    private void loseCold(String why) throws IOException {
        LOG.warn("{}: {}; it will be recalled", id, why);
        context.problems().set(id.toString(), id + ": " + why + "; it will be recalled");
        becomeEvicted();
        ssd.remove();
    }

    @Override
    public ContainerId id() {
        return id;
    }

    ContainerRow row() {
        return row;
    }

    ContainerState state() {
        return row.state();
    }

    @Override
    public List<Placement> placements() {
        return row.placements();
    }

    @Override
    public int objectBytes(int object) {
        int full = context.geometry().objectBytes();
        return Math.clamp(usedBlocksEnd() - (long) object * full, 0, full);
    }

    long lastUseNanos() {
        return lastUseNanos;
    }

    /** End of what is in this container: what lies behind reads as zeros. */
    long usedBlocksEnd() {
        ContainerRow now = row;
        return now.state() == ContainerState.OPEN
                ? context.geometry().dataBytes()
                : context.geometry().roundUpToBlock(now.usedBytes());
    }

    @Override
    public ObjectTable objects() throws IOException {
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

    /** What a try to read from the SSD came to. */
    sealed interface ReadResult {
        ReadResult DONE = new Done();

        record Done() implements ReadResult {}

        /** These objects must be recalled first. */
        record Missing(int[] objects) implements ReadResult {}
    }

    /** Reads whole blocks of the used area if every object they lie in is here. */
    ReadResult tryRead(long within, MemorySegment target) throws IOException {
        lastUseNanos = System.nanoTime();
        CacheFile here = lockLoaded();
        try {
            int[] absent = absentObjects(here, within, target.byteSize());
            if (absent.length > 0) {
                return new ReadResult.Missing(absent);
            }
            if (here == null) {
                throw lostException();
            }
            long damagedAt = readChecked(here, within, target);
            if (damagedAt < 0) {
                return ReadResult.DONE;
            }
            if (!onMedia()) {
                throw damaged(damagedAt);
            }
            LOG.warn("{}: block at {} is damaged on the SSD, recalling it", id, damagedAt);
            int object = objectAt(damagedAt);
            here.forget(object);
            return new ReadResult.Missing(new int[] {object});
        } finally {
            life.readLock().unlock();
        }
    }

    private DamagedBlockException damaged(long within) {
        context.problems().set(id + " damaged", id + ": a block on the SSD is damaged");
        return new DamagedBlockException(
                id, within, "its checksum does not fit, and it is on no medium yet");
    }

    /**
     * Reads blocks; where a block does not fit its own checksum but its whole object fits the
     * footer, it was the block's checksum that was damaged, and is made good.
     *
     * @return offset of the first damaged block, or -1
     */
    private long readChecked(CacheFile here, long within, MemorySegment target) throws IOException {
        while (true) {
            long damagedAt = here.read(within, target);
            if (damagedAt < 0
                    || row.state() == ContainerState.OPEN
                    || !ChecksumRepair.repair(here, objects(), objectAt(damagedAt))) {
                return damagedAt;
            }
            LOG.warn("{}: block checksums at {} were damaged, made anew", id, damagedAt);
        }
    }

    private boolean onMedia() {
        return row.state() == ContainerState.COLD || row.state() == ContainerState.EVICTED;
    }

    private int objectAt(long within) {
        return Math.toIntExact(within / context.geometry().objectBytes());
    }

    /** Objects of the range that are not on the SSD; none while nothing is on media. */
    private int[] absentObjects(@Nullable CacheFile here, long within, long length) {
        if (!onMedia() || length == 0) {
            return NONE;
        }
        int first = objectAt(within);
        int last = objectAt(within + length - 1);
        if (here != null && here.arePresent(first, last)) {
            return NONE;
        }
        return IntStream.rangeClosed(first, last)
                .filter(object -> here == null || !here.isPresent(object))
                .toArray();
    }

    /** Which of these objects a recall would have to bring. */
    int[] missing(int[] wanted) throws IOException {
        CacheFile here = lockLoaded();
        try {
            return onMedia()
                    ? Arrays.stream(wanted)
                            .filter(object -> here == null || !here.isPresent(object))
                            .toArray()
                    : NONE;
        } finally {
            life.readLock().unlock();
        }
    }

    /** Writes whole blocks of an open container. */
    void write(long within, MemorySegment source) throws IOException {
        lastUseNanos = System.nanoTime();
        CacheFile here = lockLoaded();
        try {
            requireWritable(here).write(within, source);
        } finally {
            life.readLock().unlock();
        }
    }

    /** Makes whole blocks of an open container read as zeros. */
    void zero(long within, long length) throws IOException {
        CacheFile here = lockLoaded();
        try {
            requireWritable(here).zero(within, length);
        } finally {
            life.readLock().unlock();
        }
    }

    private CacheFile requireWritable(@Nullable CacheFile here) throws IOException {
        if (row.state() != ContainerState.OPEN || closing) {
            throw new WriteRefusedException(
                    id
                            + " is "
                            + (closing ? "being closed" : row.state())
                            + ": it takes no writes");
        }
        if (here == null) {
            throw lostException();
        }
        return here;
    }

    private IOException lostException() {
        return new IOException(id + ": " + (lost == null ? "its SSD copy is gone" : lost));
    }

    /** Makes what was written durable. */
    void flush() throws IOException {
        if (row.state() != ContainerState.OPEN) {
            return;
        }
        life.readLock().lock();
        try {
            CacheFile here = ssd.loaded();
            if (here != null && row.state() == ContainerState.OPEN) {
                here.flush();
            }
        } finally {
            life.readLock().unlock();
        }
    }

    /** From here on no write is taken; returns false when the container is closed already. */
    boolean beginClose() throws IOException {
        life.writeLock().lock();
        try {
            if (row.state() != ContainerState.OPEN) {
                return false;
            }
            if (closing) {
                throw new IOException(id + " is being closed already");
            }
            if (ssd.loaded() == null) {
                throw lostException();
            }
            closing = true;
            return true;
        } finally {
            life.writeLock().unlock();
        }
    }

    /** Writes the footer and makes the container STAGED. */
    void finishClose(Footer footer) throws IOException {
        byte[] bytes = FooterWriter.encode(footer);
        life.writeLock().lock();
        try {
            CacheFile here = ssd.loaded();
            if (here == null) {
                throw lostException();
            }
            ssd.finish(here, bytes);
            ContainerRow staged = row.staged(footer.usedBytes());
            context.catalog().putClosed(staged, bytes);
            Failpoint.CLOSE_STAGED.reach();
            row = staged;
            objects = footer.objects();
        } finally {
            life.writeLock().unlock();
        }
    }

    /** After a close, whether it succeeded or not. */
    void endClose() {
        life.writeLock().lock();
        try {
            closing = false;
        } finally {
            life.writeLock().unlock();
        }
    }

    /** Forgets an open container: first the catalog, then the bytes. */
    void discard() throws IOException {
        life.writeLock().lock();
        try {
            if (row.state() != ContainerState.OPEN || closing) {
                throw new IOException(id + " is " + row.state() + ": only OPEN can be discarded");
            }
            context.catalog().remove(id);
            Failpoint.DISCARD_FORGOTTEN.reach();
            lost = "it was discarded";
            ssd.remove();
            context.problems().clear(id.toString());
        } finally {
            life.writeLock().unlock();
        }
    }

    /** Reads a range of a container that is not on media, for close and destage. */
    void readStaged(long within, MemorySegment target) throws IOException {
        CacheFile here = lockLoaded();
        try {
            if (here == null) {
                throw lostException();
            }
            long damagedAt = readChecked(here, within, target);
            if (damagedAt >= 0) {
                throw damaged(damagedAt);
            }
        } finally {
            life.readLock().unlock();
        }
    }

    /** Notes a copy that was read back and found whole. */
    void placed(Placement placement, int copies) throws IOException {
        life.writeLock().lock();
        try {
            ContainerRow placed = row.placed(placement);
            boolean enough = placed.placements().size() >= copies;
            // One more copy of what is on media already leaves its state.
            boolean becomesCold = enough && row.state() == ContainerState.STAGED;
            put(becomesCold ? placed.in(ContainerState.COLD) : placed);
            Failpoint.COPY_PLACED.reach();
        } finally {
            life.writeLock().unlock();
        }
    }

    /** Whether fewer media than that hold it, of those that count. */
    boolean lacksCopies() {
        return onMedia() && !context.eviction().evictable(row);
    }

    /** Lets go of the copy on a medium, if there are enough without it. */
    void withdraw(UUID medium) throws IOException {
        life.writeLock().lock();
        try {
            if (row.placements().stream().noneMatch(p -> p.medium().equals(medium))) {
                return;
            }
            ContainerRow rest = row.withoutCopyOn(medium);
            if (!context.eviction().evictable(rest)) {
                throw new IOException(id + ": has too few copies without " + medium);
            }
            put(rest);
        } finally {
            life.writeLock().unlock();
        }
    }

    private void put(ContainerRow next) throws IOException {
        context.catalog().put(next);
        row = next;
    }

    @Override
    public void install(int object, MemorySegment bytes) throws IOException {
        lastUseNanos = System.nanoTime();
        long offset = objects().offset(object);
        while (true) {
            CacheFile here = lockLoaded();
            try {
                if (here != null) {
                    here.install(object, offset, bytes);
                    return;
                }
            } finally {
                life.readLock().unlock();
            }
            createForRecall();
        }
    }

    private void createForRecall() throws IOException {
        life.writeLock().lock();
        try {
            if (!onMedia()) {
                throw lostException();
            }
            if (!ssd.exists()) {
                ssd.createForRecall();
            }
        } finally {
            life.writeLock().unlock();
        }
    }

    @Override
    public void settled() {
        try {
            CacheFile here = lockLoaded();
            boolean whole;
            try {
                if (here == null) {
                    return;
                }
                here.writeHints();
                whole = row.state() == ContainerState.EVICTED && here.allPresent(objects().count());
            } finally {
                life.readLock().unlock();
            }
            if (whole) {
                becomeWhole();
            }
        } catch (IOException e) {
            LOG.warn("{}: what was recalled may be recalled again: {}", id, e.getMessage());
        }
    }

    /** EVICTED to COLD: everything is back. */
    private void becomeWhole() throws IOException {
        life.writeLock().lock();
        try {
            CacheFile here = ssd.loaded();
            if (here == null
                    || row.state() != ContainerState.EVICTED
                    || !here.allPresent(objects().count())) {
                return;
            }
            ssd.finish(here, footerBytes());
            put(row.in(ContainerState.COLD));
            Failpoint.RECALL_WHOLE.reach();
            context.problems().clear(id.toString());
        } finally {
            life.writeLock().unlock();
        }
    }

    /** Drops the SSD copy if that may be; returns the bytes freed. */
    long evictAll() throws IOException {
        life.writeLock().lock();
        try {
            if (!ssd.exists() || !context.eviction().evictable(row)) {
                return 0;
            }
            long freed = context.ssd().allocatedBytes(id);
            becomeEvicted();
            ssd.remove();
            return freed;
        } finally {
            life.writeLock().unlock();
        }
    }

    /** Drops some objects if that may be; returns the bytes freed. */
    long evict(BitSet evicted) throws IOException {
        CacheFile loaded = lockLoaded();
        life.readLock().unlock();
        if (loaded == null) {
            return 0;
        }
        life.writeLock().lock();
        try {
            CacheFile here = ssd.loaded();
            if (here == null
                    || !context.eviction().evictable(row)
                    || !SsdCopy.holdsAny(here, evicted, objects().count())) {
                return 0;
            }
            becomeEvicted();
            long freed = ssd.drop(here, evicted, objects());
            BitSet all = new BitSet();
            all.set(0, objects().count());
            if (SsdCopy.holdsAny(here, all, objects().count())) {
                here.writeHints();
            } else {
                ssd.remove();
            }
            return freed;
        } finally {
            life.writeLock().unlock();
        }
    }

    /** Before the first byte goes. */
    private void becomeEvicted() throws IOException {
        if (row.state() != ContainerState.EVICTED) {
            put(row.in(ContainerState.EVICTED));
            Failpoint.EVICT_MARKED.reach();
        }
    }

    /** Frees memory and descriptors if nobody is at it; the files stay. */
    void unload() throws IOException {
        if (row.state() == ContainerState.OPEN || !life.writeLock().tryLock()) {
            return;
        }
        try {
            ssd.unload(false);
        } finally {
            life.writeLock().unlock();
        }
    }

    /** The tier closes: what was written becomes durable, files are closed. */
    void shutDown() throws IOException {
        life.writeLock().lock();
        try {
            ssd.unload(row.state() == ContainerState.OPEN);
        } finally {
            life.writeLock().unlock();
        }
    }

    /**
     * The SSD copy, opened if need be, null when there is none; {@code life} is then held shared.
     */
    @SuppressWarnings("LockNotBeforeTry") // the caller unlocks
    private @Nullable CacheFile lockLoaded() throws IOException {
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

    private void loadOrRecover() throws IOException {
        try {
            ssd.load();
        } catch (IOException e) {
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
