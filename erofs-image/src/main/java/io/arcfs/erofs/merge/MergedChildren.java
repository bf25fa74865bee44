package io.arcfs.erofs.merge;

import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.DirectoryCursor;
import io.arcfs.erofs.Inode;
import java.util.Arrays;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Walks the names of a merged directory in order, each with its newest entry; whiteouts are among
 * them. Confined to one thread.
 */
final class MergedChildren {
    private final Layers layers;
    private final PriorityQueue<Head> heads = new PriorityQueue<>();
    private byte[] name = new byte[0];
    private long part;
    private @Nullable Inode inode;

    private MergedChildren(Layers layers) {
        this.layers = layers;
    }

    static MergedChildren of(Layers layers, MergedDirectory directory)
            throws CorruptImageException {
        MergedChildren children = new MergedChildren(layers);
        for (long part : directory.parts) {
            DirectoryCursor cursor = layers.imageOf(part).cursor(Layers.nid(part));
            children.advance(new Head(Layers.layer(part), cursor));
        }
        return children;
    }

    boolean next() throws CorruptImageException {
        Head newest = heads.poll();
        if (newest == null) {
            return false;
        }
        name = newest.cursor.name();
        // Reading the inode here also proves that the nid is one.
        Inode read = layers.image(newest.layer).inode(newest.cursor.nid());
        inode = read;
        part = Layers.part(newest.layer, read.nid());
        advance(newest);
        Head older;
        while ((older = heads.peek()) != null && Arrays.equals(older.cursor.name(), name)) {
            advance(heads.remove());
        }
        return true;
    }

    byte[] name() {
        return name;
    }

    long part() {
        return part;
    }

    Inode inode() {
        return Objects.requireNonNull(inode, "no name was asked for");
    }

    private void advance(Head head) throws CorruptImageException {
        if (head.cursor.next()) {
            heads.add(head);
        }
    }

    /** By name, the newest first. */
    private record Head(int layer, DirectoryCursor cursor) implements Comparable<Head> {
        @Override
        public int compareTo(Head other) {
            int order = Arrays.compareUnsigned(cursor.name(), other.cursor.name());
            return order != 0 ? order : Integer.compare(other.layer, layer);
        }
    }
}
