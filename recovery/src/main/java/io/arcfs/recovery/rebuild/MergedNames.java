package io.arcfs.recovery.rebuild;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.LinkName;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.overlay.stack.MergedDirectory;
import io.arcfs.overlay.stack.Resolution;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Walks the merged view of images once: writes the table of names that the catalog keeps beside the
 * layers, and finds the files that have bytes in missing containers. Used once.
 */
final class MergedNames {
    private final LayerStack stack;
    private final CatalogBatch batch;
    private final Geometry geometry;
    private final Set<Integer> missing = new HashSet<>();
    private final Set<Long> seen = new HashSet<>();
    private final List<String> suffering = new ArrayList<>();
    private long files;

    MergedNames(
            List<ImageLayer> oldestFirst,
            CatalogBatch batch,
            Geometry geometry,
            Set<ContainerId> missing) {
        this.stack = new LayerStack(1, oldestFirst.reversed());
        this.batch = batch;
        this.geometry = geometry;
        missing.forEach(id -> this.missing.add(id.number()));
    }

    /** A directory that is still to be walked. */
    private record Place(long inode, String path, MergedDirectory directory) {}

    void collect() throws IOException {
        Deque<Place> places = new ArrayDeque<>();
        places.add(new Place(FileSystem.ROOT_INODE, "", stack.root(0)));
        while (!places.isEmpty()) {
            Place place = places.remove();
            List<byte[]> names = new ArrayList<>();
            stack.list(place.directory, (name, _, _) -> names.add(name));
            for (byte[] name : names) {
                if (stack.child(place.directory, name) instanceof Resolution.Present present) {
                    visit(place, name, present, places);
                }
            }
        }
    }

    private void visit(Place place, byte[] name, Resolution.Present present, Deque<Place> places)
            throws IOException {
        String path = place.path + "/" + new String(name, StandardCharsets.UTF_8);
        long inode = present.inodeNumber();
        if (Mode.isDirectory(present.type())) {
            batch.putName(inode, new LinkName(place.inode, name));
            places.add(new Place(inode, path, present.directory()));
            return;
        }
        if (present.layer().inode(present.ref()).nlink() > 1) {
            batch.putName(inode, new LinkName(place.inode, name));
        }
        files += seen.add(inode) ? 1 : 0;
        if (!missing.isEmpty() && Mode.isRegular(present.type())) {
            for (InodeRecord.Run run : present.layer().runs(present.ref())) {
                int first = geometry.containerOf(run.extent().address());
                int last = geometry.containerOf(run.extent().end() - 1);
                if (missing.contains(first) || missing.contains(last)) {
                    suffering.add(path);
                    return;
                }
            }
        }
    }

    /** Inodes that are no directories. */
    long files() {
        return files;
    }

    /** Paths of files with bytes that are nowhere. */
    List<String> suffering() {
        return suffering;
    }
}
