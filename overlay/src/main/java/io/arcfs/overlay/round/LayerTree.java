package io.arcfs.overlay.round;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.write.InodeAttributes;
import io.arcfs.erofs.write.TreeSource;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.catalog.Origin;
import io.arcfs.overlay.stack.Marks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sealed upper as the image writer wants it: its inodes under their numbers, tombstones as one
 * whiteout with many names, origins as overlay marks. Confined to the round's thread.
 */
final class LayerTree implements TreeSource {
    private static final long WHITEOUT = -1;
    private static final InodeAttributes WHITEOUT_ATTRIBUTES =
            new InodeAttributes(0, Mode.CHARACTER, 0, 0, 0, 0, 0, 0);

    private final Catalog catalog;
    private final int layer;
    private final PlacedFiles files;
    private final Map<Long, Holds> held = new HashMap<>();

    /** What was asked for last: an inode's xattrs are wanted right behind its attributes. */
    private @Nullable InodeRecord lastRecord;

    private long lastInode;

    /** What names in a directory of the layer make marks on it necessary. */
    private record Holds(boolean whiteout, int folders) {}

    /**
     * @param files where the data of each non-empty regular file was put
     */
    LayerTree(Catalog catalog, int layer, PlacedFiles files) {
        this.catalog = catalog;
        this.layer = layer;
        this.files = files;
    }

    @Override
    public long rootKey() {
        return FileSystem.ROOT_INODE;
    }

    @Override
    public void children(long directoryKey, ChildSink sink) throws IOException {
        catalog.dirents(
                layer,
                directoryKey,
                (name, dirent) ->
                        sink.child(name, dirent.isTombstone() ? WHITEOUT : dirent.inode()));
    }

    @Override
    public InodeAttributes attributes(long key) throws IOException {
        if (key == WHITEOUT) {
            return WHITEOUT_ATTRIBUTES;
        }
        InodeRecord record = record(key);
        return new InodeAttributes(
                key,
                record.mode(),
                record.uid() & 0xFFFF_FFFFL,
                record.gid() & 0xFFFF_FFFFL,
                record.size(),
                record.rdev(),
                record.mtimeSeconds(),
                record.mtimeNanos());
    }

    @Override
    public List<Xattr> xattrs(long key) throws IOException {
        if (key == WHITEOUT) {
            return List.of();
        }
        InodeRecord record = record(key);
        List<Xattr> xattrs = new ArrayList<>(record.xattrs());
        if (record.isDirectory()) {
            switch (record.origin()) {
                case Origin.None _ -> xattrs.add(Marks.opaque());
                case Origin.Path path -> xattrs.add(Marks.redirect(path.absolute()));
                case Origin.Same _ -> {}
            }
            addNameMarks(key, record, xattrs);
        }
        if (record.ctimeSeconds() != record.mtimeSeconds()
                || record.ctimeNanos() != record.mtimeNanos()) {
            xattrs.add(Marks.ctime(record.ctimeSeconds(), record.ctimeNanos()));
        }
        if (record.atimeNanos() != InodeRecord.AS_MTIME) {
            xattrs.add(Marks.atime(record.atimeSeconds(), record.atimeNanos()));
        }
        return xattrs;
    }

    /** The marks that depend on what the layer's directory holds. */
    private void addNameMarks(long directory, InodeRecord record, List<Xattr> xattrs)
            throws IOException {
        Holds holds = held.get(directory);
        if (holds == null) {
            boolean[] whiteout = {false};
            int[] folders = {0};
            catalog.dirents(
                    layer,
                    directory,
                    (_, dirent) -> {
                        whiteout[0] |= dirent.isTombstone();
                        folders[0] += dirent.type() == Mode.DIRECTORY ? 1 : 0;
                    });
            holds = new Holds(whiteout[0], folders[0]);
            held.put(directory, holds);
        }
        if (holds.whiteout()) {
            xattrs.add(Marks.origin());
        }
        if (record.nlink() != 2 + holds.folders()) {
            xattrs.add(Marks.nlink(record.nlink()));
        }
    }

    @Override
    public byte[] symlinkTarget(long key) throws IOException {
        return record(key).target();
    }

    @Override
    public ChunkList chunks(long key) throws IOException {
        ChunkList known = files.get(key);
        if (known == null) {
            throw new IOException("inode " + key + " of layer " + layer + " was not placed");
        }
        return known;
    }

    private InodeRecord record(long inode) throws IOException {
        InodeRecord known = lastRecord;
        if (known != null && inode == lastInode) {
            return known;
        }
        InodeRecord record = catalog.inode(layer, inode);
        if (record == null) {
            throw new IOException(
                    "layer " + layer + " names inode " + inode + " and does not describe it");
        }
        lastInode = inode;
        lastRecord = record;
        return record;
    }
}
