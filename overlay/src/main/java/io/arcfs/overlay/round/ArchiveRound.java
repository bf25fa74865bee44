package io.arcfs.overlay.round;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.catalog.LayerRecord.State;
import io.arcfs.overlay.namespace.Namespace;
import io.arcfs.overlay.namespace.Seal;
import io.arcfs.overlay.namespace.Tree;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.overlay.stack.UpperLayer;
import io.arcfs.tier.ImageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
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
        LOG.info("seal done layer={} files={}", sealed, seal.carriedFiles());
        seal.awaitAppends();
        archive(sealed);
        return true;
    }

    /** Builds and activates the image of a sealed layer. */
    public void archive(int layer) throws IOException {
        ContainerAllocator allocator = ContainerAllocator.open(catalog, context.tier());
        try {
            Built built = build(layer, allocator);
            activate(built, allocator);
        } catch (IOException | RuntimeException e) {
            allocator.abandon();
            throw e;
        } finally {
            context.progress().end();
        }
        Containers.closeCommitted(context);
    }

    /** What a build made. */
    private record Built(LayerRecord layer, Map<Long, List<InodeRecord.Run>> forward) {}

    private Built build(int number, ContainerAllocator allocator) throws IOException {
        long began = System.nanoTime();
        List<Long> files = new ArrayList<>();
        long[] totals = new long[2];
        catalog.inodes(
                number,
                (inode, record) -> {
                    if (!record.isDirectory()) {
                        totals[0]++;
                    }
                    if (record.isRegular() && record.size() > 0) {
                        files.add(inode);
                        totals[1] += record.size();
                    }
                });
        LayerRecord sealed = LayerRecord.upper(number, State.SEALED);
        context.progress().begin("build", sealed.name(), totals[1]);

        Map<Long, ChunkList> chunks = new HashMap<>();
        Map<Long, List<InodeRecord.Run>> forward = new HashMap<>();
        TreeSet<io.arcfs.tier.ContainerId> manifest = new TreeSet<>();
        long dataBytes;
        try (DataPlacer placer =
                new DataPlacer(
                        context.tier().device(),
                        context.tier().geometry(),
                        allocator,
                        tree.appendFiles(),
                        catalog,
                        context.progress()::done)) {
            for (long inode : files) {
                InodeRecord record = catalog.inode(number, inode);
                if (record == null) {
                    throw new IOException("inode " + inode + " left sealed layer " + number);
                }
                ChunkList placed = placer.place(record);
                chunks.put(inode, placed);
                if (record.appendFile() != 0) {
                    forward.put(record.appendFile(), placer.forward(record, placed));
                }
            }
            manifest.addAll(placer.manifest());
            dataBytes = placer.writtenBytes();
        }

        LayerRecord archived =
                new LayerRecord(number, number, State.ARCHIVED, totals[0], dataBytes, null);
        UUID uuid = UUID.randomUUID();
        Path draft = context.images().draftOf(archived);
        ImageWriter.write(
                new LayerTree(catalog, number, chunks),
                VolumeImages.options(context, uuid, archived),
                draft);
        ImageStore.Stored stored = context.images().store(draft, allocator);
        allocator.closeFull();
        context.tier().device().flush();
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
                        List.copyOf(manifest),
                        namespace.counters().nextInode(),
                        VolumeImages.nextCommit(catalog));
        LOG.info(
                "build done layer={} inodes={} dataBytes={} imageBytes={} ms={}",
                number,
                totals[0],
                dataBytes,
                stored.lengthBytes(),
                (System.nanoTime() - began) / 1_000_000);
        return new Built(
                new LayerRecord(number, number, State.ARCHIVED, totals[0], dataBytes, image),
                forward);
    }

    private void activate(Built built, ContainerAllocator allocator) throws IOException {
        LayerRecord layer = built.layer();
        ImageLayer image = context.images().load(layer);
        try (CatalogBatch batch = catalog.batch()) {
            batch.putLayer(layer).deleteForward();
            for (Map.Entry<Long, List<InodeRecord.Run>> file : built.forward().entrySet()) {
                for (InodeRecord.Run run : file.getValue()) {
                    batch.putForward(file.getKey(), run.fileOffset(), run.extent());
                }
            }
            allocator.store(batch);
            catalog.commit(batch, Sync.YES);
        }
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
        try (CatalogBatch batch = catalog.batch()) {
            batch.deleteUpper(layer.first());
            catalog.commit(batch, Sync.NO);
        }
        Files.deleteIfExists(
                context.upper().resolve(LayerRecord.upper(layer.first(), State.SEALED).name()));
        LOG.info("activate done layer={} freedAppendFiles={}", layer.name(), garbage.size());
    }

    private void markUpper(int layer) throws IOException {
        Files.createDirectories(
                context.upper().resolve(LayerRecord.upper(layer, State.ACTIVE).name()));
    }
}
