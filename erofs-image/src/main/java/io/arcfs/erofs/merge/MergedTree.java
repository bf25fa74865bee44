package io.arcfs.erofs.merge;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.UnsupportedImageException;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.write.FileData;
import io.arcfs.erofs.write.InodeAttributes;
import io.arcfs.erofs.write.TreeSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What kernel overlayfs ({@code redirect_dir=follow}) shows of a stack of images, as a tree for the
 * writer. Only metadata is read: chunk addresses stay, device ids are renumbered.
 *
 * <ol>
 *   <li>The newest entry of a name decides; a whiteout hides it.
 *   <li>Directories merge with older ones of the same name, or of the path a redirect gives, until
 *       a stop: opaque, a whiteout, an older non-directory, here or on the redirected path. A stop
 *       of an older layer applies to the result from there down.
 *   <li>Attributes and xattrs of a merged directory, the root too, are the newest's.
 *   <li>Names of one inode in one layer stay one inode; a link set never spans layers.
 * </ol>
 *
 * Confined to one thread.
 */
public final class MergedTree implements TreeSource {
    /** Marks a key as an index of {@link #directories}; others are parts. */
    private static final long DIRECTORY = 1L << 62;

    private final Layers layers;
    private final MergeMode mode;
    private final DeviceTable devices;
    private final MergedData data;
    private final List<MergedDirectory> directories = new ArrayList<>();

    private MergedTree(Layers layers, MergeMode mode, DeviceTable devices) {
        this.layers = layers;
        this.mode = mode;
        this.devices = devices;
        this.data = new MergedData(layers, devices);
        directories.add(new MergedDirectory(layers.roots(), new Origin.Same()));
    }

    public static MergedTree of(List<ErofsImage> oldestFirst, MergeMode mode) throws IOException {
        Layers layers = Layers.of(oldestFirst);
        return new MergedTree(layers, mode, DeviceTable.of(layers));
    }

    /** The devices of the merged image: one per tag, wherever it appears. */
    public List<DeviceSlot> deviceSlots() {
        return devices.slots();
    }

    /** Where the devices came from, in the order of their slots. */
    public List<DeviceOrigin> deviceOrigins() {
        return devices.origins();
    }

    /** Log2 of the block size that the merged image needs: the smallest of the layers'. */
    public int blockBits() {
        return layers.blockBits();
    }

    @Override
    public long rootKey() {
        return DIRECTORY;
    }

    @Override
    public void children(long directoryKey, ChildSink sink) throws IOException {
        MergedDirectory directory = directory(directoryKey);
        MergedChildren children = MergedChildren.of(layers, directory);
        while (children.next()) {
            Inode inode = children.inode();
            ErofsImage image = layers.imageOf(children.part());
            if (inode.isDirectory()) {
                sink.child(children.name(), DIRECTORY | directories.size());
                addDirectory(directory, children.name());
            } else if (!OverlayMarks.isWhiteout(image, inode)) {
                refuseMetacopy(image, inode);
                sink.child(children.name(), children.part());
            } else if (mode == MergeMode.KEEP_MARKS) {
                sink.child(children.name(), children.part());
            }
        }
    }

    @Override
    public InodeAttributes attributes(long key) throws IOException {
        long part = part(key);
        ErofsImage image = layers.imageOf(part);
        Inode inode = image.inode(Layers.nid(part));
        // The marked file becomes the device: every reader of layers knows that form.
        boolean whiteout = OverlayMarks.isXattrWhiteout(image, inode);
        return new InodeAttributes(
                inode.number(),
                whiteout ? 0x2000 : inode.mode(),
                inode.uid(),
                inode.gid(),
                inode.isRegular() || inode.isSymlink() ? inode.size() : 0,
                inode.rdev(),
                inode.mtimeSeconds(),
                inode.mtimeNanos());
    }

    @Override
    public List<Xattr> xattrs(long key) throws IOException {
        long part = part(key);
        List<Xattr> kept = new ArrayList<>();
        for (Xattr xattr : layers.imageOf(part).xattrs(Layers.nid(part))) {
            if (!OverlayMarks.isMark(xattr.name())) {
                kept.add(xattr);
            }
        }
        if (mode == MergeMode.KEEP_MARKS && isDirectory(key)) {
            addMarks(directory(key), kept);
        }
        return kept;
    }

    @Override
    public byte[] symlinkTarget(long key) throws IOException {
        return layers.imageOf(key).symlinkTarget(Layers.nid(key));
    }

    @Override
    public FileData data(long key) throws IOException {
        return data.of(key);
    }

    @Override
    public ChunkList chunks(long key) throws IOException {
        return data.chunks(key);
    }

    /** The newest part of every directory listed so far; one twice: two places show it. */
    List<Long> newestParts() {
        return directories.stream().map(directory -> directory.parts[0]).toList();
    }

    private void addDirectory(MergedDirectory parent, byte[] name) throws IOException {
        // Redirects of a hostile stack could show one directory at any number of places.
        if (directories.size() > layers.inodesAtMost()) {
            throw new UnsupportedImageException("redirects or cycles that multiply the tree");
        }
        directories.add(LowerLookup.directory(layers, mode, parent, name));
    }

    private void addMarks(MergedDirectory directory, List<Xattr> xattrs)
            throws CorruptImageException {
        switch (directory.origin) {
            case Origin.None _ -> xattrs.add(new Xattr(OverlayMarks.OPAQUE, OverlayMarks.YES));
            case Origin.Redirected(byte[] path) ->
                    xattrs.add(new Xattr(OverlayMarks.REDIRECT, path));
            case Origin.Same _ -> {}
        }
        if (holdsWhiteout(directory)) {
            // Without it overlayfs lists the whiteouts of a directory that it does not merge.
            xattrs.add(new Xattr(OverlayMarks.ORIGIN, new byte[0]));
        }
    }

    private boolean holdsWhiteout(MergedDirectory directory) throws CorruptImageException {
        MergedChildren children = MergedChildren.of(layers, directory);
        while (children.next()) {
            if (OverlayMarks.isWhiteout(layers.imageOf(children.part()), children.inode())) {
                return true;
            }
        }
        return false;
    }

    private static void refuseMetacopy(ErofsImage image, Inode inode) throws IOException {
        if (OverlayMarks.isMetacopy(image, inode)) {
            throw new UnsupportedImageException(
                    "inode %d, whose data is a metacopy's (%s)"
                            .formatted(inode.nid(), image.name()));
        }
    }

    private static boolean isDirectory(long key) {
        return (key & DIRECTORY) != 0;
    }

    private MergedDirectory directory(long key) {
        return directories.get((int) key);
    }

    /** The newest inode behind a key: the one whose attributes count. */
    private long part(long key) {
        return isDirectory(key) ? directory(key).parts[0] : key;
    }
}
