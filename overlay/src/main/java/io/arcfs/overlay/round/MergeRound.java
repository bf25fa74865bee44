package io.arcfs.overlay.round;

import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.merge.MergeMode;
import io.arcfs.erofs.merge.MergedTree;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.TreeSource;
import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.catalog.LayerRecord.State;
import io.arcfs.overlay.namespace.Tree;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ImageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one image of several neighbours of the stack. Metadata only: chunk addresses stay. Rounds
 * go on beside it. Confined to the thread that holds the merge lock.
 */
public final class MergeRound {
    private static final Logger LOG = LoggerFactory.getLogger(MergeRound.class);

    private final RoundContext context;
    private final Catalog catalog;
    private final Tree tree;

    public MergeRound(RoundContext context) {
        this.context = context;
        this.catalog = context.catalog();
        this.tree = context.namespace().tree();
    }

    /** Every image of the stack, oldest first. */
    public static List<ImageLayer> images(Tree tree) {
        List<ImageLayer> images = new ArrayList<>();
        for (Layer layer : tree.stack().layers().reversed()) {
            if (layer instanceof ImageLayer image) {
                images.add(image);
            }
        }
        return images;
    }

    /**
     * Merges neighbours of the stack into one image.
     *
     * @param inputs oldest first
     */
    public void merge(List<ImageLayer> inputs) throws IOException {
        ContainerAllocator allocator = context.allocations().round();
        rewrite(inputs, allocator, Rewrite.NONE);
    }

    /** What becomes of the merged tree before it is written. */
    interface Rewrite {
        Rewrite NONE =
                new Rewrite() {
                    @Override
                    public TreeSource of(TreeSource merged) {
                        return merged;
                    }

                    @Override
                    public Set<ContainerId> manifest(Set<ContainerId> ofInputs) {
                        return ofInputs;
                    }
                };

        TreeSource of(TreeSource merged);

        /** Containers that the written tree refers to; asked when it is written. */
        Set<ContainerId> manifest(Set<ContainerId> ofInputs);

        /** The image is durable, and not yet committed. */
        default void written() throws IOException {}
    }

    /**
     * Merges images, even a single one, with changes.
     *
     * @param allocator given back when it fails
     */
    void rewrite(List<ImageLayer> inputs, ContainerAllocator allocator, Rewrite rewrite)
            throws IOException {
        String name;
        try {
            LayerRecord merged = build(inputs, allocator, rewrite);
            name = merged.imageFileName();
            rewrite.written();
            activate(inputs, merged, allocator);
        } catch (IOException | RuntimeException e) {
            allocator.abandon();
            throw e;
        }
        Containers.closeCommitted(context);
        for (ImageLayer input : inputs) {
            if (!input.layerRecord().imageFileName().equals(name)) {
                context.images().delete(input.layerRecord());
                Failpoint.MERGE_INPUT_DELETED.reach();
            }
        }
    }

    private LayerRecord build(
            List<ImageLayer> inputs, ContainerAllocator allocator, Rewrite rewrite)
            throws IOException {
        long began = System.nanoTime();
        LayerRecord range = record(inputs, null);
        long inputBytes =
                inputs.stream().mapToLong(i -> i.layerRecord().requireImage().lengthBytes()).sum();
        List<ErofsImage> images = inputs.stream().map(ImageLayer::image).toList();
        UUID uuid = UUID.randomUUID();
        Path draft = context.images().draftOf(range);
        MergeMode mode =
                inputs.getFirst().equals(images(tree).getFirst())
                        ? MergeMode.BOTTOM
                        : MergeMode.KEEP_MARKS;
        ImageStore.Stored stored;
        try (RoundProgress.Step step =
                context.progress().begin("merge", range.name(), inputBytes)) {
            ImageWriter.write(
                    rewrite.of(MergedTree.of(images, mode)),
                    VolumeImages.options(context, uuid, range),
                    draft);
            step.done(inputBytes);
            Failpoint.BUILD_DRAFT_WRITTEN.reach();
            stored = context.images().store(draft, allocator);
            Failpoint.BUILD_STORED.reach();
            allocator.closeFull();
            context.tier().device().flush();
            Failpoint.BUILD_FLUSHED.reach();
            context.images().publish(draft, range);
        }
        TreeSet<ContainerId> manifest = new TreeSet<>();
        int generation = 0;
        for (ImageLayer input : inputs) {
            ImageRecord image = input.layerRecord().requireImage();
            manifest.addAll(image.manifest());
            generation = Math.max(generation, image.generation());
        }
        LOG.info(
                "merge done image={} layers={} imageBytes={} ms={}",
                range.name(),
                inputs.size(),
                stored.lengthBytes(),
                (System.nanoTime() - began) / 1_000_000);
        return record(
                inputs,
                new ImageRecord(
                        range.first(),
                        range.last(),
                        generation + 1,
                        uuid,
                        stored.lengthBytes(),
                        stored.extents(),
                        stored.sha256(),
                        List.copyOf(rewrite.manifest(manifest)),
                        context.namespace().counters().nextInode(),
                        context.allocations().nextCommit()));
    }

    private static LayerRecord record(
            List<ImageLayer> inputs, @org.jspecify.annotations.Nullable ImageRecord image) {
        long files = 0;
        long dataBytes = 0;
        for (ImageLayer input : inputs) {
            files += input.layerRecord().files();
            dataBytes += input.layerRecord().dataBytes();
        }
        return new LayerRecord(
                inputs.getFirst().first(),
                inputs.getLast().last(),
                State.ARCHIVED,
                files,
                dataBytes,
                image);
    }

    private void activate(List<ImageLayer> inputs, LayerRecord merged, ContainerAllocator allocator)
            throws IOException {
        ImageLayer image = context.images().open(merged);
        try (CatalogBatch batch = catalog.batch()) {
            for (ImageLayer input : inputs) {
                batch.deleteLayer(input.first());
            }
            batch.putLayer(merged);
            allocator.store(batch);
            catalog.commit(batch, Sync.YES);
        }
        Failpoint.MERGE_COMMITTED.reach();
        allocator.committed();
        tree.writeLock().lock();
        try {
            List<Layer> layers = new ArrayList<>(tree.stack().layers());
            int newest = layers.indexOf(inputs.getLast());
            layers.removeAll(inputs);
            layers.add(newest, image);
            tree.stack(tree.stack().with(layers));
        } finally {
            tree.writeLock().unlock();
        }
    }
}
