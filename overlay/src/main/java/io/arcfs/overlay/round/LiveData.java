package io.arcfs.overlay.round;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.merge.MergeMode;
import io.arcfs.erofs.merge.MergedTree;
import io.arcfs.erofs.write.InodeAttributes;
import io.arcfs.erofs.write.TreeSource;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.tier.Geometry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds which bytes of the device the volume still needs. Confined to one thread. */
final class LiveData {
    private final Geometry geometry;
    private final ChunkGroups groups = new ChunkGroups();

    private LiveData(Geometry geometry) {
        this.geometry = geometry;
    }

    /**
     * What would be needed if all images became one: what the merged view of the images shows, and
     * what the uppers refer to.
     */
    static ChunkGroups of(RoundContext context, List<ImageLayer> oldestFirst) throws IOException {
        LiveData live = new LiveData(context.tier().geometry());
        List<ErofsImage> images = oldestFirst.stream().map(ImageLayer::image).toList();
        if (!images.isEmpty()) {
            live.addTree(MergedTree.of(images, MergeMode.BOTTOM));
        }
        live.addUppers(context.catalog());
        return live.groups;
    }

    private void addTree(TreeSource tree) throws IOException {
        Deque<Long> directories = new ArrayDeque<>();
        Set<Long> files = new HashSet<>();
        directories.add(tree.rootKey());
        while (!directories.isEmpty()) {
            List<Long> children = new ArrayList<>();
            tree.children(directories.remove(), (_, key) -> children.add(key));
            for (long key : children) {
                // A file with several names comes once for each.
                if (!files.add(key)) {
                    continue;
                }
                InodeAttributes attributes = tree.attributes(key);
                if (Mode.isDirectory(attributes.mode())) {
                    directories.add(key);
                } else if (Mode.isRegular(attributes.mode()) && attributes.size() > 0) {
                    addChunks(tree.chunks(key), attributes.size());
                }
            }
        }
    }

    private void addChunks(ChunkList chunks, long size) {
        long chunkBytes = 1L << chunks.chunkBits();
        for (int i = 0; i < chunks.blocks().length; i++) {
            if (chunks.blocks()[i] != ChunkList.HOLE) {
                long length = Math.min(chunkBytes, size - i * chunkBytes);
                groups.add(
                        chunks.blocks()[i] * geometry.blockBytes(),
                        geometry.roundUpToBlock(length));
            }
        }
    }

    private void addUppers(Catalog catalog) throws IOException {
        for (LayerRecord layer : catalog.layers()) {
            if (layer.state() != LayerRecord.State.ARCHIVED) {
                catalog.inodes(layer.first(), (_, record) -> addRuns(record.runs()));
            }
        }
        for (long file : catalog.forwardedFiles()) {
            addRuns(catalog.forward(file));
        }
    }

    /** Runs may be as long as a file: in pieces, so that they find room elsewhere. */
    private void addRuns(List<InodeRecord.Run> runs) {
        for (InodeRecord.Run run : runs) {
            long start = run.extent().address() / geometry.blockBytes() * geometry.blockBytes();
            long end = geometry.roundUpToBlock(run.extent().end());
            for (long at = start; at < end; at += geometry.chunkBytes()) {
                groups.add(at, Math.min(geometry.chunkBytes(), end - at));
            }
        }
    }
}
