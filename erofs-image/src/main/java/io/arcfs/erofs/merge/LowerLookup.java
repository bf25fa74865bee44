package io.arcfs.erofs.merge;

import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import java.util.Arrays;

/**
 * Finds what a directory of the merged view is made of, layer by layer from the newest, step by
 * step as {@code ovl_lookup} does it: a stop (opaque, whiteout, a non-directory) ends the search; a
 * redirect changes the path that is looked for in the layers below, and everything on that path can
 * stop or redirect again.
 *
 * <p>One object per lookup. Confined to one thread.
 */
final class LowerLookup {
    private final Layers layers;
    private final MergeMode mode;

    /** What is looked for below: a name in the parent's parts, or a path from the roots. */
    private byte[] wanted;

    private boolean stopped;

    private LowerLookup(Layers layers, MergeMode mode, byte[] name) {
        this.layers = layers;
        this.mode = mode;
        this.wanted = name;
    }

    /** A name whose newest entry in the parent is a directory. */
    static MergedDirectory directory(
            Layers layers, MergeMode mode, MergedDirectory parent, byte[] name)
            throws CorruptImageException {
        return new LowerLookup(layers, mode, name).run(parent.parts, name);
    }

    private MergedDirectory run(long[] parentParts, byte[] name) throws CorruptImageException {
        long[] parts = new long[parentParts.length];
        int count = 0;
        long[] stack = parentParts;
        boolean fromRoots = false;
        for (int next = 0; !stopped && next < stack.length; next++) {
            int layer = Layers.layer(stack[next]);
            long nid =
                    isAbsolute(wanted)
                            ? walk(layer, Layers.nid(stack[next]))
                            : step(layer, Layers.nid(stack[next]), wanted, 0, 0);
            if (nid == ErofsImage.ABSENT) {
                continue;
            }
            if (count == parts.length) {
                parts = Arrays.copyOf(parts, count + layers.count());
            }
            parts[count++] = Layers.part(layer, nid);
            if (isAbsolute(wanted) && !fromRoots) {
                stack = layers.roots();
                next = layers.positionBelow(layer) - 1;
                fromRoots = true;
            }
        }
        return new MergedDirectory(Arrays.copyOf(parts, count), origin(name));
    }

    private Origin origin(byte[] name) {
        if (stopped) {
            return new Origin.None();
        }
        return Arrays.equals(wanted, name) ? new Origin.Same() : new Origin.Redirected(wanted);
    }

    /**
     * Follows the path in one layer. A redirect on the way changes it for the layers below only.
     */
    private long walk(int layer, long rootNid) throws CorruptImageException {
        long nid = rootNid;
        // Counted from the end, for a redirect replaces what was walked.
        int rest = wanted.length - 1;
        while (true) {
            int start = wanted.length - rest;
            int end = start;
            while (end < wanted.length && wanted[end] != '/') {
                end++;
            }
            boolean last = end == wanted.length;
            byte[] component = Arrays.copyOfRange(wanted, start, end);
            rest -= component.length + 1;
            nid = step(layer, nid, component, start, last ? 0 : rest + 1);
            if (nid == ErofsImage.ABSENT || last) {
                return nid;
            }
        }
    }

    /**
     * Looks up one name in one layer.
     *
     * @param before length of what stands before the name in the path
     * @param behind length of what stands behind it; 0: it is the last
     */
    private long step(int layer, long directory, byte[] name, int before, int behind)
            throws CorruptImageException {
        ErofsImage image = layers.image(layer);
        long nid = image.lookup(directory, name);
        if (nid == ErofsImage.ABSENT) {
            return ErofsImage.ABSENT;
        }
        Inode inode = image.inode(nid);
        if (!inode.isDirectory()) {
            // A whiteout, or anything else that hides what is older.
            stopped = true;
            return ErofsImage.ABSENT;
        }
        if (mode == MergeMode.BOTTOM && layer == 0) {
            return nid; // nothing below, so its marks mean nothing
        }
        if (OverlayMarks.isOpaque(image, nid)) {
            stopped = true;
            return nid;
        }
        byte[] redirect = OverlayMarks.redirect(image, nid);
        if (redirect != null) {
            follow(redirect, before, behind);
        }
        return nid;
    }

    private void follow(byte[] redirect, int before, int behind) {
        byte[] post = Arrays.copyOfRange(wanted, wanted.length - behind, wanted.length);
        if (isAbsolute(redirect)) {
            // Leads out of whatever an opaque ancestor on the path had closed.
            stopped = false;
            wanted = concat(redirect, post);
        } else {
            wanted = concat(concat(Arrays.copyOf(wanted, before), redirect), post);
        }
    }

    private static boolean isAbsolute(byte[] path) {
        return path[0] == '/';
    }

    private static byte[] concat(byte[] left, byte[] right) {
        byte[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }
}
