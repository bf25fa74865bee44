package io.arcfs.overlay.stack;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Dirent;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.Origin;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An upper layer: rows of the catalog that start with its number. Active or sealed makes no
 * difference here. References are inode numbers. Immutable.
 */
public final class UpperLayer implements Layer {
    private final Catalog catalog;
    private final int number;

    public UpperLayer(Catalog catalog, int number) {
        this.catalog = catalog;
        this.number = number;
    }

    @Override
    public int first() {
        return number;
    }

    @Override
    public int last() {
        return number;
    }

    @Override
    public long rootRef() {
        return FileSystem.ROOT_INODE;
    }

    @Override
    public @Nullable Entry find(long directoryRef, byte[] name) throws IOException {
        Dirent dirent = catalog.dirent(number, directoryRef, name);
        return dirent == null ? null : entry(dirent);
    }

    @Override
    public void list(long directoryRef, EntryVisitor visitor) throws IOException {
        catalog.dirents(number, directoryRef, (name, dirent) -> visitor.entry(name, entry(dirent)));
    }

    private static Entry entry(Dirent dirent) {
        return dirent.isTombstone() ? Entry.WHITEOUT : new Entry(dirent.inode(), dirent.type());
    }

    @Override
    public long inodeNumber(long ref) {
        return ref;
    }

    @Override
    public InodeRecord inode(long ref) throws IOException {
        InodeRecord record = find(ref);
        if (record == null) {
            throw new IOException(
                    "layer " + number + " names inode " + ref + " and does not describe it");
        }
        return record;
    }

    /** The inode's record in this layer, or null if it has none. */
    public @Nullable InodeRecord find(long inode) throws IOException {
        return catalog.inode(number, inode);
    }

    @Override
    public Origin origin(long directoryRef) throws IOException {
        return inode(directoryRef).origin();
    }

    @Override
    public List<InodeRecord.Run> runs(long ref) throws IOException {
        return inode(ref).runs();
    }

    @Override
    public String toString() {
        return "upper layer " + number;
    }
}
