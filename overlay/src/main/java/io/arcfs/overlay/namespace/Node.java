package io.arcfs.overlay.namespace;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecordBuilder;
import io.arcfs.overlay.data.AppendFile;
import io.arcfs.overlay.data.AppendFiles;
import io.arcfs.overlay.data.FileData;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.overlay.stack.MergedDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An inode in memory: the authority on its present state while it is known.
 *
 * <p>The record changes under {@code namespaceLock}; what appends move (size, written end, times)
 * is guarded by the node's monitor and becomes part of the record at the next commit. Names are
 * guarded by {@code namespaceLock}, reference counts by the monitor.
 */
final class Node extends KnownInode {
    private static final int BLOCK_BYTES = 4096;
    private static final int STAT_UNIT_BYTES = 512;

    final long inode;

    /** Held by whoever appends to, truncates or empties the file: one at a time. */
    final ReentrantLock appendLock = new ReentrantLock();

    /** One present name; a directory has no other. Guarded by {@code namespaceLock}. */
    long parent;

    byte[] name;

    /** Moves with each change of a directory's names. Written under {@code namespaceLock}. */
    volatile int namesVersion;

    /** Lower parts of a directory: a cache, valid for one version of the stack. */
    volatile @Nullable Lower lower;

    /** Guarded by the monitor. */
    long lookups;

    /** Guarded by the monitor. */
    int opens;

    /** Asked for since the node table looked last. */
    volatile boolean used;

    /** No name is left. */
    volatile boolean removed;

    /** Made without a name: {@code link} may give it one while it is open. */
    volatile boolean linkable;

    private volatile InodeRecord record;
    private volatile int recordLayer;
    private volatile @Nullable FileData data;

    /** Whether the file's bytes are still where {@code known} says. */
    @SuppressWarnings("ReferenceEquality") // the same object, not an equal one
    boolean isCurrent(FileData known) {
        return data == known;
    }

    /** The image layer and reference of a node whose record comes from an image. */
    private @Nullable Layer image;

    private long imageRef;

    private long size;
    private long writtenEnd;
    private long reservedEnd;
    private long durableEnd;
    private long mtimeSeconds;
    private int mtimeNanos;
    private boolean dirty;

    /** Whether the committer's set has it; a seal looks there. */
    private boolean noted;

    /** Among the open files that have a descriptor, or will. */
    private boolean counted;

    private @Nullable AppendFile retained;
    private @Nullable AppendFile pinned;
    private int pins;

    /** A cache of where bytes begin that only the active layer of one stack holds. */
    record Rewritable(long stackVersion, long appendFile, long from) {}

    volatile @Nullable Rewritable rewritable;

    /** What a directory is made of below the active layer of one stack. */
    record Lower(long stackVersion, MergedDirectory directory, MergedDirectory withActive) {}

    /** Layer number of a node whose record comes from an image. */
    static final int IN_IMAGE = -1;

    Node(long inode, long parent, byte[] name, InodeRecord record, int recordLayer) {
        super(inode);
        this.inode = inode;
        this.parent = parent;
        this.name = name;
        this.record = record;
        this.recordLayer = recordLayer;
        takeSizes(record);
        reservedEnd = writtenEnd;
        durableEnd = writtenEnd;
    }

    /** A node whose record comes from an image. */
    static Node inImage(
            long inode, long parent, byte[] name, InodeRecord record, Layer image, long imageRef) {
        Node node = new Node(inode, parent, name, record, IN_IMAGE);
        node.image = image;
        node.imageRef = imageRef;
        return node;
    }

    private void takeSizes(InodeRecord from) {
        size = from.size();
        writtenEnd = from.writtenEnd();
        mtimeSeconds = from.mtimeSeconds();
        mtimeNanos = from.mtimeNanos();
    }

    int type() {
        return record.type();
    }

    boolean isDirectory() {
        return record.isDirectory();
    }

    boolean isRegular() {
        return record.isRegular();
    }

    /** The upper layer that holds its record, or {@link #IN_IMAGE}. */
    int recordLayer() {
        return recordLayer;
    }

    @Nullable FileData data() {
        return data;
    }

    /** Its present state as a record; for a file whose data was never asked for, without runs. */
    synchronized InodeRecord record() {
        return dirty ? recordWith(size, writtenEnd) : record;
    }

    /**
     * Its state as the layer that is being sealed has it, with what is reserved but not written
     * yet; null if the layer has that already.
     */
    synchronized @Nullable InodeRecord sealedRecord() {
        return !isAhead() ? null : recordWith(Math.max(size, reservedEnd), reservedEnd);
    }

    private InodeRecord recordWith(long sizeBytes, long writtenEndBytes) {
        InodeRecordBuilder changed =
                record.change()
                        .size(sizeBytes)
                        .writtenEnd(writtenEndBytes)
                        .mtime(mtimeSeconds, mtimeNanos);
        if (mtimeSeconds != record.mtimeSeconds() || mtimeNanos != record.mtimeNanos()) {
            changed.ctime(mtimeSeconds, mtimeNanos);
        }
        FileData now = data;
        if (now != null) {
            AppendFile file = now.appendFile();
            changed.data(now.runs(), file == null ? 0 : file.number(), now.appendStart());
        }
        return changed.build();
    }

    /** Takes over a committed record; what was appended since it was made stays. */
    synchronized void install(InodeRecord committed, int layer) {
        boolean appendedSince =
                dirty && (size != committed.size() || writtenEnd != committed.writtenEnd());
        record = committed;
        recordLayer = layer;
        image = null;
        if (!appendedSince) {
            takeSizes(committed);
            dirty = false;
        }
    }

    /** Takes over data that was just made; its record is committed. */
    synchronized void installData(FileData newData) throws IOException {
        data = newData;
        keepOpen();
    }

    /** Takes over the sealed record; the node's state is the layer's from now on. */
    synchronized void sealed(InodeRecord committed) {
        record = committed;
        dirty = false;
    }

    /**
     * Its state after the last append into a sealed layer, if that has moved its times since it was
     * cut and it is still that layer's; else null.
     */
    synchronized @Nullable InodeRecord finished(InodeRecord cut, int sealedLayer) {
        boolean moved = mtimeSeconds != cut.mtimeSeconds() || mtimeNanos != cut.mtimeNanos();
        if (removed || recordLayer != sealedLayer || !moved) {
            return null;
        }
        InodeRecord last = recordWith(size, writtenEnd);
        record = last;
        dirty = false;
        return last;
    }

    /** Where its bytes are; asks the image on the first call. */
    FileData loadData(AppendFiles appendFiles) throws IOException {
        FileData known = data;
        if (known != null) {
            return known;
        }
        synchronized (this) {
            FileData loaded = data;
            if (loaded == null) {
                if (image != null) {
                    record = record.change().data(image.runs(imageRef), 0, 0).build();
                }
                AppendFile file =
                        record.appendFile() == 0 ? null : appendFiles.get(record.appendFile());
                loaded = new FileData(record.runs(), file, record.appendStart());
                data = loaded;
                keepOpen();
            }
            return loaded;
        }
    }

    /** Tells where its bytes are, or may turn out to be when they are asked for. */
    synchronized void places(Tree.PlaceSink sink) {
        record.runs().forEach(run -> sink.extent(run.extent()));
        FileData now = data;
        if (now != null) {
            now.runs().forEach(run -> sink.extent(run.extent()));
        } else if (image instanceof ImageLayer archived && isRegular()) {
            sink.image(archived);
        }
    }

    /** Goes over to the image that its layer has become: the same content, other places. */
    synchronized void moveToImage(InodeRecord archived, Layer newImage, long ref)
            throws IOException {
        record = archived;
        recordLayer = IN_IMAGE;
        image = newImage;
        imageRef = ref;
        takeSizes(archived);
        reservedEnd = writtenEnd;
        durableEnd = writtenEnd;
        dirty = false;
        data = null;
        keepOpen();
    }

    /** Takes over a committed record with another size; the caller holds {@code appendLock}. */
    synchronized void resize(InodeRecord committed, int layer, FileData newData)
            throws IOException {
        record = committed;
        recordLayer = layer;
        image = null;
        takeSizes(committed);
        reservedEnd = writtenEnd;
        durableEnd = Math.min(durableEnd, writtenEnd);
        dirty = false;
        data = newData;
        keepOpen();
    }

    /**
     * Keeps the descriptor of its append file while a handle is open, so that the file may be
     * unlinked.
     */
    synchronized void keepOpen() throws IOException {
        FileData now = data;
        AppendFile wanted = opens > 0 && now != null ? now.appendFile() : null;
        AppendFile held = retained;
        if (wanted == held) {
            return;
        }
        if (wanted != null) {
            wanted.retain();
        }
        retained = wanted;
        if (held != null) {
            held.release();
        }
    }

    /** Whether a handle would make it one of those that the budget bounds. */
    synchronized boolean wouldCount(boolean writing) {
        return !counted && (writing || hasAppendFile());
    }

    /** Makes it one of those that the budget bounds, until the last handle is gone. */
    synchronized void count(OpenFileBudget budget, boolean writing) {
        if (wouldCount(writing)) {
            counted = true;
            budget.opened();
        }
    }

    private boolean hasAppendFile() {
        FileData now = data;
        return now != null ? now.appendFile() != null : record.appendFile() != 0;
    }

    /** Closes the descriptor behind the last handle. */
    void letGo(OpenFileBudget budget) {
        synchronized (this) {
            if (counted && opens == 0) {
                counted = false;
                budget.closed();
            }
        }
        try {
            keepOpen();
        } catch (IOException e) {
            // With no handle left there is nothing to retain, so nothing that can fail to open.
            throw new UncheckedIOException(e);
        }
    }

    /** Gives back lookup references. */
    synchronized void forget(long references) {
        lookups = Math.max(0, lookups - references);
    }

    /** Whether the kernel knows it or a handle is open. */
    synchronized boolean isReferenced() {
        return lookups > 0 || opens > 0;
    }

    /** Whether nothing is lost if it is read from its layer again. */
    synchronized boolean isIdle() {
        return opens == 0 && pinned == null && !needsCommit() && !isAhead();
    }

    /**
     * The append file that holds all its bytes and must go on doing so; null if none must. What is
     * appended goes there even after the bytes before were archived.
     */
    synchronized @Nullable AppendFile pinned() {
        return pinned;
    }

    /** Pins an append file that the caller has retained. */
    synchronized void pin(AppendFile file) {
        pinned = file;
        pins++;
    }

    /** Returns whether this was the last pin. */
    synchronized boolean unpin() {
        if (--pins > 0) {
            return false;
        }
        pinned = null;
        return true;
    }

    /**
     * Reserves the range of an append in the active layer. The layer is asked for here: a seal puts
     * the next layer in its place before it looks at the node.
     *
     * @return false if the record is not in that layer, there is no append file yet, or the
     *     committer does not know of the node
     */
    synchronized boolean reserve(Tree tree, long end) {
        FileData now = data;
        int activeLayer = tree.activeLayer();
        if (!noted
                || (recordLayer != activeLayer && !removed)
                || now == null
                || now.appendFile() == null) {
            return false;
        }
        reservedEnd = end;
        return true;
    }

    /** Moves the times of a file without bytes, size and append file; false if it has any. */
    synchronized boolean touchedEmpty(long seconds, int nanos) {
        boolean empty =
                size == 0
                        && reservedEnd == 0
                        && record.appendFile() == 0
                        && record.runs().isEmpty();
        FileData now = data;
        if (!empty || (now != null && now.appendFile() != null)) {
            return false;
        }
        mtimeSeconds = seconds;
        mtimeNanos = nanos;
        dirty = true;
        return true;
    }

    /** Shows an append whose bytes are written. */
    synchronized void appended(long end, long seconds, int nanos) {
        writtenEnd = end;
        size = Math.max(size, end);
        mtimeSeconds = seconds;
        mtimeNanos = nanos;
        dirty = true;
        notifyAll();
    }

    /** Takes a reservation back after a failed append; nothing behind {@code written} counts. */
    synchronized void unreserve(long written) {
        reservedEnd = written;
        writtenEnd = written;
        notifyAll();
    }

    /** Waits until no append that was reserved up to {@code end} is under way. */
    synchronized void awaitWritten(long end) throws InterruptedException {
        while (writtenEnd < end && reservedEnd > writtenEnd) {
            wait();
        }
    }

    synchronized boolean isDirty() {
        return dirty;
    }

    synchronized long size() {
        return size;
    }

    /** End of what is known to be durable of it. */
    synchronized long durableEnd() {
        return durableEnd;
    }

    synchronized long writtenEnd() {
        return writtenEnd;
    }

    /**
     * Takes over a record that the committer wrote; bytes up to {@code end} are durable. A reader
     * may have moved the node to an image since the record was made, or asked that image for its
     * runs: then the record is of the past and would name an append file that is gone, or no data.
     *
     * @param layer where the record was when it was made
     */
    synchronized void committed(InodeRecord committed, int layer, long end) {
        if (layer == IN_IMAGE || recordLayer != layer) {
            return;
        }
        record = committed;
        dirty =
                size != committed.size()
                        || writtenEnd != committed.writtenEnd()
                        || mtimeSeconds != committed.mtimeSeconds()
                        || mtimeNanos != committed.mtimeNanos();
        durableEnd = Math.max(durableEnd, Math.min(end, writtenEnd));
    }

    /** The committer has put it into its set, or is about to take it out. */
    synchronized void noted(boolean isNoted) {
        noted = isNoted;
    }

    /** Whether the catalog's record lags behind, or will when the append under way is done. */
    synchronized boolean isAhead() {
        return dirty || reservedEnd > writtenEnd;
    }

    /** Whether anything of it is only in memory or in the page cache. */
    synchronized boolean needsCommit() {
        return dirty || writtenEnd > durableEnd;
    }

    synchronized Attributes attributes() {
        InodeRecord now = record;
        boolean newer =
                dirty && (mtimeSeconds != now.mtimeSeconds() || mtimeNanos != now.mtimeNanos());
        return attributes(
                inode,
                now,
                removed ? 0 : now.nlink(),
                size,
                mtimeSeconds,
                mtimeNanos,
                newer ? mtimeSeconds : now.ctimeSeconds(),
                newer ? mtimeNanos : now.ctimeNanos());
    }

    /** Those of an inode that has no node. */
    static Attributes attributes(long inode, InodeRecord record) {
        return attributes(
                inode,
                record,
                record.nlink(),
                record.size(),
                record.mtimeSeconds(),
                record.mtimeNanos(),
                record.ctimeSeconds(),
                record.ctimeNanos());
    }

    private static Attributes attributes(
            long inode,
            InodeRecord record,
            int nlink,
            long size,
            long mtimeSeconds,
            int mtimeNanos,
            long ctimeSeconds,
            int ctimeNanos) {
        boolean asMtime = record.atimeNanos() == InodeRecord.AS_MTIME;
        long blocks = (size + BLOCK_BYTES - 1) / BLOCK_BYTES * (BLOCK_BYTES / STAT_UNIT_BYTES);
        return new Attributes(
                inode,
                record.mode(),
                nlink,
                record.uid(),
                record.gid(),
                record.rdev(),
                size,
                blocks,
                asMtime ? mtimeSeconds : record.atimeSeconds(),
                asMtime ? mtimeNanos : record.atimeNanos(),
                mtimeSeconds,
                mtimeNanos,
                ctimeSeconds,
                ctimeNanos);
    }
}
