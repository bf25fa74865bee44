package io.arcfs.erofs.merge;

import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.UnsupportedImageException;
import java.util.List;

/**
 * The images of a stack; layer 0 is the oldest. A part is a layer and a nid in one number.
 * Thread-safe.
 */
final class Layers {
    private static final int NID_BITS = 44;
    private static final int LAYERS_MAX = 1 << 16;

    private final List<ErofsImage> images;
    private final int blockBits;

    private Layers(List<ErofsImage> images) {
        this.images = images;
        this.blockBits =
                images.stream()
                        .mapToInt(image -> image.superBlock().blockBits())
                        .min()
                        .orElseThrow();
    }

    static Layers of(List<ErofsImage> oldestFirst) throws UnsupportedImageException {
        if (oldestFirst.isEmpty() || oldestFirst.size() > LAYERS_MAX) {
            throw new UnsupportedImageException("a merge of " + oldestFirst.size() + " images");
        }
        return new Layers(List.copyOf(oldestFirst));
    }

    /** Log2 of the block size of what is merged: the smallest, in which all can be addressed. */
    int blockBits() {
        return blockBits;
    }

    /** Log2 of how many blocks of the merged image a block of the layer is. */
    int blockShift(int layer) {
        return images.get(layer).superBlock().blockBits() - blockBits;
    }

    int count() {
        return images.size();
    }

    ErofsImage image(int layer) {
        return images.get(layer);
    }

    ErofsImage imageOf(long part) {
        return images.get(layer(part));
    }

    static long part(int layer, long nid) {
        return (long) layer << NID_BITS | nid;
    }

    static int layer(long part) {
        return (int) (part >>> NID_BITS);
    }

    static long nid(long part) {
        return part & ((1L << NID_BITS) - 1);
    }

    /** The roots, newest first. */
    long[] roots() {
        long[] roots = new long[images.size()];
        for (int i = 0; i < roots.length; i++) {
            int layer = roots.length - 1 - i;
            roots[i] = part(layer, images.get(layer).rootNid());
        }
        return roots;
    }

    /** Position in {@link #roots} of the first layer below this one. */
    int positionBelow(int layer) {
        return images.size() - layer;
    }

    /** No stack has more inodes than slots for them. */
    long inodesAtMost() {
        long slots = 0;
        for (ErofsImage image : images) {
            slots += image.lengthBytes() / 32;
        }
        return slots;
    }
}
