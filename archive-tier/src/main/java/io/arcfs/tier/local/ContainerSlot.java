package io.arcfs.tier.local;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.WriteRefusedException;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.FooterWriter;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.recall.RecallTarget;
import io.arcfs.tier.ssd.CacheFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One container of the tier: how it comes, is written, closed, placed on media and goes. Reading,
 * recalling and evicting it are {@link SlotReads}, {@link SlotRecalls} and {@link SlotEviction};
 * what they share is {@link SlotState}. Only OPEN takes writes. Thread-safe.
 */
final class ContainerSlot implements RecallTarget {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerSlot.class);

    private final SlotState state;
    private final SlotReads reads;
    private final SlotRecalls recalls;
    private final SlotEviction eviction;
    private boolean closing; // guarded by life

    private ContainerSlot(SlotContext context, ContainerRow row) {
        this.state = new SlotState(context, row);
        this.reads = new SlotReads(state);
        this.recalls = new SlotRecalls(state);
        this.eviction = new SlotEviction(state);
    }

    /** Opens a fresh container: its files are durable before the catalog names it. */
    static ContainerSlot opened(SlotContext context, ContainerId id) throws IOException {
        ContainerSlot slot = new ContainerSlot(context, ContainerRow.opened(id));
        slot.create();
        return slot;
    }

    private void create() throws IOException {
        state.life.writeLock().lock();
        try {
            state.ssd.createForWriting();
            state.put(state.row());
            Failpoint.CONTAINER_OPENED.reach();
        } catch (IOException e) {
            // The files stay: a write that failed may have reached the catalog all the same. What
            // it does not know is removed when the tier is opened.
            state.ssd.unload(false);
            throw e;
        } finally {
            state.life.writeLock().unlock();
        }
    }

    /**
     * Takes up a container as the catalog left it, and makes good what a crash left undone.
     *
     * @param hasFiles whether there is a file of it on the SSD: most have none
     */
    static ContainerSlot restored(SlotContext context, ContainerRow row, boolean hasFiles)
            throws IOException {
        ContainerSlot slot = new ContainerSlot(context, row);
        slot.restore(hasFiles);
        return slot;
    }

    private void restore(boolean hasFiles) throws IOException {
        state.life.writeLock().lock();
        try {
            switch (state.state()) {
                case OPEN -> restoreOpen();
                case STAGED -> {
                    if (!state.ssd.lookForData()) {
                        state.lose("its SSD copy is gone before it reached its media");
                    }
                }
                case COLD -> {
                    if (!state.ssd.lookForBoth()) {
                        state.loseCold("its SSD copy is gone");
                    }
                }
                case EVICTED -> {
                    if (hasFiles && !state.ssd.lookForBoth()) {
                        state.ssd.remove(); // half of a pair
                    }
                }
            }
        } finally {
            state.life.writeLock().unlock();
        }
    }

    private void restoreOpen() {
        if (!state.ssd.lookForBoth()) {
            state.lose("its SSD copy is gone while it was open");
            return;
        }
        try {
            int dropped = state.ssd.load().dropUnflushed();
            if (dropped > 0) {
                LOG.info("{}: {} blocks were never flushed and are zeros again", id(), dropped);
            }
        } catch (IOException e) {
            state.lose("its SSD copy cannot be opened: " + e.getMessage());
        }
    }

    @Override
    public ContainerId id() {
        return state.id;
    }

    ContainerRow row() {
        return state.row();
    }

    ContainerState state() {
        return state.state();
    }

    @Override
    public List<Placement> placements() {
        return state.row().placements();
    }

    @Override
    public int objectBytes(int object) {
        int full = state.context.geometry().objectBytes();
        return Math.clamp(usedBlocksEnd() - (long) object * full, 0, full);
    }

    long lastUseNanos() {
        return state.lastUseNanos();
    }

    /** End of what is in this container: what lies behind reads as zeros. */
    long usedBlocksEnd() {
        return state.usedBlocksEnd();
    }

    @Override
    public ObjectTable objects() throws IOException {
        return state.objects();
    }

    Footer footer() throws IOException {
        return state.footer();
    }

    byte[] footerBytes() throws IOException {
        return state.footerBytes();
    }

    /** Reads whole blocks of the used area if every one of them is on the SSD. */
    SlotReads.Result tryRead(long within, MemorySegment target) throws IOException {
        return reads.tryRead(within, target);
    }

    /** Which of these objects a recall would have to bring. */
    int[] missing(int[] wanted) throws IOException {
        return reads.missing(wanted);
    }

    /** Whether a read of these whole blocks needs no recall. */
    boolean isHere(long within, long length) throws IOException {
        return reads.isHere(within, length);
    }

    /** Whether the heads that were kept hold this range. */
    boolean isHead(long within, long length) {
        return reads.isHead(within, length);
    }

    /** Reads a range of a container that is not on media, for close and destage. */
    void readStaged(long within, MemorySegment target) throws IOException {
        reads.readStaged(within, target);
    }

    @Override
    public void install(int firstObject, int objects, MemorySegment bytes, int[] blockCrcs)
            throws IOException {
        recalls.install(firstObject, objects, bytes, blockCrcs);
    }

    @Override
    public void settled() {
        recalls.settled();
    }

    /** Drops the SSD bytes that may go; returns how many it were. */
    long evictAll() throws IOException {
        return eviction.evictAll();
    }

    /** Drops some objects if they may go; returns the bytes freed. */
    long evict(BitSet objects) throws IOException {
        return eviction.evict(objects);
    }

    /** Writes whole blocks of an open container. */
    void write(long within, MemorySegment source) throws IOException {
        state.used();
        CacheFile here = state.lockLoaded();
        try {
            requireWritable(here).write(within, source);
        } finally {
            state.life.readLock().unlock();
        }
    }

    /** Makes whole blocks of an open container read as zeros. */
    void zero(long within, long length) throws IOException {
        CacheFile here = state.lockLoaded();
        try {
            requireWritable(here).zero(within, length);
        } finally {
            state.life.readLock().unlock();
        }
    }

    private CacheFile requireWritable(@Nullable CacheFile here) throws IOException {
        if (state.row().state() != ContainerState.OPEN || closing) {
            throw new WriteRefusedException(
                    id()
                            + " is "
                            + (closing ? "being closed" : state.row().state())
                            + ": it takes no writes");
        }
        if (here == null) {
            throw state.lostException();
        }
        return here;
    }

    /** Makes what was written durable. */
    void flush() throws IOException {
        if (state.row().state() != ContainerState.OPEN) {
            return;
        }
        state.life.readLock().lock();
        try {
            CacheFile here = state.ssd.loaded();
            if (here != null && state.row().state() == ContainerState.OPEN) {
                here.flush();
            }
        } finally {
            state.life.readLock().unlock();
        }
    }

    /** From here on no write is taken; returns false when the container is closed already. */
    boolean beginClose() throws IOException {
        state.life.writeLock().lock();
        try {
            if (state.row().state() != ContainerState.OPEN) {
                return false;
            }
            if (closing) {
                throw new IOException(id() + " is being closed already");
            }
            if (state.ssd.loaded() == null) {
                throw state.lostException();
            }
            closing = true;
            return true;
        } finally {
            state.life.writeLock().unlock();
        }
    }

    /** Writes the footer and makes the container STAGED. */
    void finishClose(Footer footer) throws IOException {
        byte[] bytes = FooterWriter.encode(footer);
        state.life.writeLock().lock();
        try {
            CacheFile here = state.ssd.loaded();
            if (here == null) {
                throw state.lostException();
            }
            state.ssd.finish(here, bytes);
            state.putClosed(state.row().staged(footer.usedBytes()), bytes, footer.objects());
        } finally {
            state.life.writeLock().unlock();
        }
    }

    /** After a close, whether it succeeded or not. */
    void endClose() {
        state.life.writeLock().lock();
        try {
            closing = false;
        } finally {
            state.life.writeLock().unlock();
        }
    }

    /** Forgets an open container: first the catalog, then the bytes. */
    void discard() throws IOException {
        state.life.writeLock().lock();
        try {
            if (state.row().state() != ContainerState.OPEN || closing) {
                throw new IOException(
                        id() + " is " + state.row().state() + ": only OPEN can be discarded");
            }
            state.context.catalog().remove(id());
            Failpoint.DISCARD_FORGOTTEN.reach();
            state.forgotten("it was discarded");
            state.ssd.remove();
        } finally {
            state.life.writeLock().unlock();
        }
    }

    /** Forgets a closed container, which nothing refers to; its media are the caller's. */
    void release() throws IOException {
        state.life.writeLock().lock();
        try {
            if (state.row().state() == ContainerState.OPEN) {
                throw new IOException(id() + " is OPEN: it cannot be released");
            }
            state.context.catalog().remove(id());
            Failpoint.RELEASE_FORGOTTEN.reach();
            state.forgotten("it was released");
            state.ssd.remove();
        } finally {
            state.life.writeLock().unlock();
        }
    }

    boolean isReleased() {
        return state.isForgotten();
    }

    /**
     * Notes a copy that was read back and found whole.
     *
     * @return false when the container was released meanwhile: nobody will ask for the copy
     */
    boolean placed(Placement placement, int copies) throws IOException {
        state.life.writeLock().lock();
        try {
            if (state.isForgotten()) {
                return false;
            }
            ContainerRow placed = state.row().placed(placement);
            boolean enough = placed.placements().size() >= copies;
            // One more copy of what is on media already leaves its state.
            boolean becomesCold = enough && state.row().state() == ContainerState.STAGED;
            state.put(becomesCold ? placed.in(ContainerState.COLD) : placed);
            Failpoint.COPY_PLACED.reach();
            return true;
        } finally {
            state.life.writeLock().unlock();
        }
    }

    /** Whether fewer media than that hold it, of those that count. */
    boolean lacksCopies() {
        return state.onMedia() && !state.context.eviction().evictable(state.row());
    }

    /** Whether its SSD bytes may go, but for pinned ones. */
    boolean isEvictable() {
        return state.context.eviction().evictable(state.row());
    }

    /** Lets go of the copy on a medium, if there are enough without it. */
    void withdraw(UUID medium) throws IOException {
        state.life.writeLock().lock();
        try {
            if (state.row().placements().stream().noneMatch(p -> p.medium().equals(medium))) {
                return;
            }
            ContainerRow rest = state.row().withoutCopyOn(medium);
            if (!state.context.eviction().evictable(rest)) {
                throw new IOException(id() + ": has too few copies without " + medium);
            }
            state.put(rest);
            Failpoint.COPY_PLACED.reach();
        } finally {
            state.life.writeLock().unlock();
        }
    }

    /** Frees memory and descriptors if nobody is at it; the files stay. */
    void unload() throws IOException {
        if (state.row().state() == ContainerState.OPEN || !state.life.writeLock().tryLock()) {
            return;
        }
        try {
            state.ssd.unload(false);
        } finally {
            state.life.writeLock().unlock();
        }
    }

    /** The tier closes: what was written becomes durable, files are closed. */
    void shutDown() throws IOException {
        state.life.writeLock().lock();
        try {
            state.ssd.unload(state.row().state() == ContainerState.OPEN);
        } finally {
            state.life.writeLock().unlock();
        }
    }
}
