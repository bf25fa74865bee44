package io.arcfs.overlay.round;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecord.Run;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.catalog.LayerRecord.State;
import io.arcfs.overlay.namespace.CarryOver;
import io.arcfs.overlay.namespace.Namespace;
import io.arcfs.overlay.namespace.Seal;
import io.arcfs.overlay.namespace.Tree;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.overlay.stack.UpperLayer;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ImageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One turn of the active layer into an image: seal, build, activate. A build that a crash cut off
 * is done again from the sealed layer. Confined to the thread that holds the round lock.
 */
public final class ArchiveRound {
    private static final Logger LOG = LoggerFactory.getLogger(ArchiveRound.class);

    private final RoundContext context;
    private final Catalog catalog;
    private final Namespace namespace;
    private final Tree tree;

    public ArchiveRound(RoundContext context) {
        this.context = context;
        this.catalog = context.catalog();
        this.namespace = context.namespace();
        this.tree = namespace.tree();
    }

    /** Seals the active layer and archives it; false if it holds nothing. */
    public boolean sealAndArchive() throws IOException, InterruptedException {
        Seal seal = Seal.of(namespace);
        if (!seal.seal()) {
            return false;
        }
        int sealed = seal.sealedLayer();
        markUpper(sealed + 1);
        LOG.info("seal done layer={} files={}", sealed, seal.cutFiles());
        seal.awaitAppends();
        archive(sealed);
        return true;
    }

    /** Builds and activates the image of a sealed layer. */
    public void archive(int layer) throws IOException, InterruptedException {
        ContainerAllocator allocator = context.allocations().round();
        try {
            Built built = build(layer, allocator);
            activate(built, allocator);
        } catch (IOException | InterruptedException | RuntimeException e) {
            allocator.abandon();
            throw e;
        }
        Containers.closeCommitted(context);
    }

    /** What a build made. */
    private record Built(LayerRecord layer, PlacedFiles files) {}

    private Built build(int number, ContainerAllocator allocator)
            throws IOException, InterruptedException {
        long began = System.nanoTime();
        String name = LayerRecord.upper(number, State.SEALED).name();
        Placed placed;
        try (RoundProgress.Step step = context.progress().begin("build", name, bytes(number))) {
            placed = place(number, allocator, step);
        }
        LayerRecord archived =
                new LayerRecord(
                        number, number, State.ARCHIVED, files(number), placed.writtenBytes(), null);
        UUID uuid = UUID.randomUUID();
        Path draft = context.images().draftOf(archived);
        ImageWriter.write(
                new LayerTree(catalog, number, placed.files()),
                VolumeImages.options(context, uuid, archived),
                draft);
        Failpoint.BUILD_DRAFT_WRITTEN.reach();
        ImageStore.Stored stored = context.images().store(draft, allocator);
        Failpoint.BUILD_STORED.reach();
        allocator.closeFull();
        context.tier().device().flush();
        Failpoint.BUILD_FLUSHED.reach();
        context.images().publish(draft, archived);
        ImageRecord image =
                new ImageRecord(
                        number,
                        number,
                        1,
                        uuid,
                        stored.lengthBytes(),
                        stored.extents(),
                        stored.sha256(),
                        List.copyOf(placed.manifest()),
                        namespace.counters().nextInode(),
                        context.allocations().nextCommit());
        LOG.info(
                "build done layer={} inodes={} dataBytes={} imageBytes={} ms={}",
                number,
                archived.files(),
                archived.dataBytes(),
                stored.lengthBytes(),
                (System.nanoTime() - began) / 1_000_000);
        return new Built(
                new LayerRecord(
                        number,
                        number,
                        State.ARCHIVED,
                        archived.files(),
                        archived.dataBytes(),
                        image),
                placed.files());
    }

    private long files(int number) throws IOException {
        long[] files = {0};
        catalog.inodes(number, (_, record) -> files[0] += record.isDirectory() ? 0 : 1);
        return files[0];
    }

    private long bytes(int number) throws IOException {
        long[] bytes = {0};
        catalog.inodes(number, (_, record) -> bytes[0] += record.isRegular() ? record.size() : 0);
        return bytes[0];
    }

    /** Where the data of a layer's files is. */
    private record Placed(PlacedFiles files, Set<ContainerId> manifest, long writtenBytes) {}

    /**
     * Puts every file's data on the device; files whose cold tail does not come leave the layer.
     */
    private Placed place(int number, ContainerAllocator allocator, RoundProgress.Step step)
            throws IOException, InterruptedException {
        PlacedFiles files = new PlacedFiles();
        try (ColdTails tails =
                        new ColdTails(
                                context.tier().control(), context.tailWait(), context.closing());
                DataPlacer placer =
                        new DataPlacer(
                                context.tier().device(),
                                context.tier().geometry(),
                                allocator,
                                tree.appendFiles(),
                                catalog,
                                step::done)) {
            KeptHeads heads = new KeptHeads(context.tier());
            Map<Long, String> names = heads.names(catalog, number);
            BitSet cold = new BitSet();
            catalog.inodes(
                    number,
                    (inode, record) -> {
                        if (record.isRegular() && record.size() > 0) {
                            if (tails.request(inode, placer.archivedBytesToRewrite(record))) {
                                cold.set(files.count());
                            }
                            files.announce(inode);
                        }
                    });
            for (int i = cold.nextClearBit(0); i < files.count(); i = cold.nextClearBit(i + 1)) {
                long inode = files.inode(i);
                InodeRecord record = sealedRecord(number, inode);
                ChunkList placed = placer.place(record);
                files.put(inode, placed);
                heads.add(names.getOrDefault(inode, ""), record.size(), placed);
            }
            for (long inode : tails.awaitRecalled()) {
                InodeRecord record = sealedRecord(number, inode);
                ChunkList placed = placer.place(record);
                files.put(inode, placed);
                heads.add(names.getOrDefault(inode, ""), record.size(), placed);
            }
            heads.keep();
            Set<Long> late = tails.late();
            if (!late.isEmpty()) {
                LOG.warn(
                        "layer {}: cold tails of {} files did not come in {}; they go to the next",
                        number,
                        late.size(),
                        context.tailWait());
                CarryOver.late(namespace, number, late);
            }
            return new Placed(files, placer.manifest(), placer.writtenBytes());
        }
    }

    private InodeRecord sealedRecord(int number, long inode) throws IOException {
        InodeRecord record = catalog.inode(number, inode);
        if (record == null) {
            throw new IOException("inode " + inode + " left sealed layer " + number);
        }
        return record;
    }

    private void activate(Built built, ContainerAllocator allocator) throws IOException {
        LayerRecord layer = built.layer();
        ImageLayer image = context.images().open(layer);
        try (CatalogBatch batch = catalog.batch()) {
            batch.putLayer(layer);
            putForward(batch, layer.first(), built.files());
            allocator.store(batch);
            catalog.commit(batch, Sync.YES);
        }
        Failpoint.ACTIVATE_COMMITTED.reach();
        allocator.committed();
        List<Long> garbage;
        tree.writeLock().lock();
        try {
            List<Layer> layers = new ArrayList<>(tree.stack().layers());
            layers.replaceAll(
                    l -> l instanceof UpperLayer && l.first() == layer.first() ? image : l);
            tree.stack(tree.stack().with(layers));
            garbage = namespace.references().activate();
            namespace.archivedSealed();
        } finally {
            tree.writeLock().unlock();
        }
        namespace.removeAppendFiles(garbage);
        Failpoint.ACTIVATE_GARBAGE_FORGOTTEN.reach();
        try (CatalogBatch batch = catalog.batch()) {
            batch.deleteUpper(layer.first());
            catalog.commit(batch, Sync.NO);
        }
        Failpoint.ACTIVATE_ROWS_DROPPED.reach();
        Files.deleteIfExists(
                context.upper().resolve(LayerRecord.upper(layer.first(), State.SEALED).name()));
        Failpoint.ACTIVATE_MARKER_REMOVED.reach();
        LOG.info("activate done layer={} freedAppendFiles={}", layer.name(), garbage.size());
    }

    /** Notes where the bytes of append files are now, instead of what the round before noted. */
    private void putForward(CatalogBatch batch, int number, PlacedFiles files) throws IOException {
        // A file that was carried over goes on with the same append file. Its rows are left alone,
        // not written again: it may be emptied just now.
        Set<Long> active = new HashSet<>();
        for (long file : catalog.forwardedFiles()) {
            if (isActive(file)) {
                active.add(file);
            } else {
                batch.deleteForward(file);
            }
        }
        catalog.inodes(
                number,
                (inode, record) -> {
                    long file = record.appendFile();
                    ChunkList placed = file == 0 ? null : files.get(inode);
                    if (placed == null) {
                        return;
                    }
                    if (active.contains(file)) {
                        batch.deleteForward(file);
                    }
                    for (Run run : DataPlacer.forward(context.tier().geometry(), record, placed)) {
                        batch.putForward(file, run.fileOffset(), run.extent());
                    }
                });
    }

    private boolean isActive(long appendFile) {
        tree.readLock().lock();
        try {
            return namespace.references().isActive(appendFile);
        } finally {
            tree.readLock().unlock();
        }
    }

    private void markUpper(int layer) throws IOException {
        Files.createDirectories(
                context.upper().resolve(LayerRecord.upper(layer, State.ACTIVE).name()));
    }
}
