package io.arcfs.overlay.namespace;

import io.arcfs.device.WaitPoint;
import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.OverwritePolicy;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.data.AppendFile;
import io.arcfs.overlay.data.AppendFiles;
import io.arcfs.overlay.data.DeviceReader;
import io.arcfs.overlay.data.FileData;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.overlay.stack.UpperLayer;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.function.Function;

/**
 * What the operations of one mounted namespace share: the tree, numbers, unsynced files, garbage,
 * and how much the active layer holds. Thread-safe.
 */
public final class Namespace implements SpaceBudget.Usage {
    /**
     * Building a layer takes seconds; one that cannot be built must not hold a program for ever.
     */
    private static final Duration BUILD_PATIENCE = Duration.ofMinutes(1);

    private final Tree tree;
    private final Counters counters;
    private final AppendReferences references;
    private final DeviceReader device;
    private final SpaceBudget space;
    private final OverwritePolicy overwrite;
    private final Clock clock;
    private final Committer committer;
    private final AtomicLong activeBytes = new AtomicLong();
    private final AtomicLong sealedBytes = new AtomicLong();
    private final AtomicLong carriedBytes = new AtomicLong();
    private final Map<Node, Integer> writers = new HashMap<>();
    private final AtomicInteger handles = new AtomicInteger();
    private final OpenFileBudget openFiles;
    private final Condition sealedLayerGone;

    /**
     * @param space makes the budget of what this namespace says that it needs
     * @param openFilesMost how many files with a descriptor of their own may be open at once
     */
    public Namespace(
            Tree tree,
            Counters counters,
            AppendReferences references,
            DeviceReader device,
            Function<SpaceBudget.Usage, SpaceBudget> space,
            OverwritePolicy overwrite,
            int openFilesMost,
            Clock clock) {
        this.tree = tree;
        this.counters = counters;
        this.references = references;
        this.device = device;
        this.overwrite = overwrite;
        this.openFiles = new OpenFileBudget(openFilesMost);
        this.clock = clock;
        this.committer = new Committer(tree);
        this.sealedLayerGone = tree.writeLock().newCondition();
        this.space = space.apply(this);
    }

    public Tree tree() {
        return tree;
    }

    public Counters counters() {
        return counters;
    }

    /** Guarded by {@code namespaceLock}. */
    public AppendReferences references() {
        return references;
    }

    public Committer committer() {
        return committer;
    }

    public SpaceBudget space() {
        return space;
    }

    OpenFileBudget openFiles() {
        return openFiles;
    }

    DeviceReader device() {
        return device;
    }

    Clock clock() {
        return clock;
    }

    Catalog catalog() {
        return tree.catalog();
    }

    AppendFiles appendFiles() {
        return tree.appendFiles();
    }

    /** Bytes appended to the active layer: what the next round has to archive. */
    public AtomicLong activeBytes() {
        return activeBytes;
    }

    /** Bytes in the sealed layer that no container holds yet. */
    public AtomicLong sealedBytes() {
        return sealedBytes;
    }

    void sealActive() {
        sealedBytes.set(activeBytes.getAndSet(0));
        carriedBytes.set(0);
    }

    /** Files that hold so many bytes went from the sealed to the active layer. */
    void carriedOver(long bytes) {
        sealedBytes.addAndGet(-bytes);
        activeBytes.addAndGet(bytes);
        carriedBytes.addAndGet(bytes);
    }

    /** Bytes that came to the active layer since it is the active one. */
    public long newBytes() {
        return activeBytes.get() - carriedBytes.get();
    }

    /** Whether a sealed layer waits for its image. */
    public boolean hasSealedLayer() {
        List<Layer> layers = tree.stack().layers();
        return layers.size() > 1 && layers.get(1) instanceof UpperLayer;
    }

    /** The sealed layer is an image; with {@code namespaceLock} held. */
    public void archivedSealed() {
        sealedBytes.set(0);
        sealedLayerGone.signalAll();
    }

    /**
     * Waits, with {@code namespaceLock} held for writing, until the sealed layer does not need the
     * bytes of an append file.
     */
    void awaitUnsealed(long appendFile) throws FsException {
        long left = BUILD_PATIENCE.toNanos();
        while (references.isSealed(appendFile)) {
            WaitPoint.enter();
            try {
                if (left <= 0) {
                    throw new FsException(
                            Reason.TIMED_OUT, "the file's bytes are still being archived");
                }
                left = sealedLayerGone.awaitNanos(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FsException(Reason.INTERRUPTED, "interrupted while waiting", e);
            }
        }
    }

    @Override
    public long unbuiltBytes() {
        return activeBytes.get() + sealedBytes.get();
    }

    @Override
    public long largestImageBytes() {
        long largest = 0;
        for (Layer layer : tree.stack().layers()) {
            largest = Math.max(largest, imageBytes(layer));
        }
        return largest;
    }

    @Override
    public long imageBytes() {
        long sum = 0;
        for (Layer layer : tree.stack().layers()) {
            sum += imageBytes(layer);
        }
        return sum;
    }

    private static long imageBytes(Layer layer) {
        return layer instanceof ImageLayer image
                ? image.layerRecord().requireImage().lengthBytes()
                : 0;
    }

    @Override
    public void reclaim() throws IOException {
        committer.syncAll();
    }

    /** Clears away what many deletions leave in the catalog. Wants no lock. */
    public void tidy() throws IOException {
        catalog().tidyDirents(tree.activeLayer());
    }

    boolean mayRewrite() {
        return overwrite == OverwritePolicy.UPPER;
    }

    /** Counts handles by which a file may be rewritten. */
    void countWriter(Node node, int difference) {
        if (mayRewrite()) {
            synchronized (writers) {
                writers.merge(
                        node,
                        difference,
                        (a, b) -> {
                            int sum = a + b;
                            return sum == 0 ? null : sum;
                        });
            }
        }
    }

    /** Files of a layer that somebody may still rewrite. */
    List<Node> rewritable(int layer) {
        List<Node> nodes = new ArrayList<>();
        synchronized (writers) {
            for (Node node : writers.keySet()) {
                if (node.recordLayer() == layer && !node.removed) {
                    nodes.add(node);
                }
            }
        }
        return nodes;
    }

    /** Open file and directory handles. */
    public AtomicInteger handles() {
        return handles;
    }

    /**
     * A record of the active layer names the file no more; without a sealed record it is garbage.
     */
    void dropAppendFile(long number) throws IOException {
        if (references.dropActive(number)) {
            removeAppendFiles(List.of(number));
        }
    }

    /** The last handle of an inode without names is gone: so are its bytes. */
    void dropNameless(Node node) {
        FileData data = node.data();
        AppendFile file = data == null ? null : data.appendFile();
        tree.readLock().lock();
        try {
            if (file != null && node.removed && !references.contains(file.number())) {
                committer.discard(List.of(file.number()));
            }
        } finally {
            tree.readLock().unlock();
        }
    }

    /**
     * Forgets append files that no record names. Their bytes go after the next sync of the catalog:
     * until then power loss could bring the record back that named them.
     */
    public void removeAppendFiles(Collection<Long> numbers) throws IOException {
        if (numbers.isEmpty()) {
            return;
        }
        committer.forget(numbers);
        try (CatalogBatch batch = catalog().batch()) {
            for (long number : numbers) {
                batch.deleteAppendFile(number);
            }
            catalog().commit(batch, Sync.NO);
        }
        Failpoint.GARBAGE_FORGOTTEN.reach();
        committer.discard(numbers);
    }
}
