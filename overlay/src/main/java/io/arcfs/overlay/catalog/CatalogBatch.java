package io.arcfs.overlay.catalog;

import io.arcfs.overlay.catalog.Catalog.Family;
import io.arcfs.tier.DeviceExtent;
import java.nio.ByteBuffer;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Changes that become visible together (C1). Confined to one thread; closed after its commit. */
public final class CatalogBatch implements AutoCloseable {
    private static final byte[] NOTHING = {};

    private final Catalog catalog;
    final WriteBatch changes = new WriteBatch();

    CatalogBatch(Catalog catalog) {
        this.catalog = catalog;
    }

    public CatalogBatch putVolume(VolumeState state) throws CatalogException {
        return put(Table.VOLUME, Table.VOLUME_KEY, state.toBytes());
    }

    public CatalogBatch putLayer(LayerRecord layer) throws CatalogException {
        return put(Table.LAYERS, Table.key(layer.first()), layer.toBytes());
    }

    public CatalogBatch deleteLayer(int first) throws CatalogException {
        return delete(Table.LAYERS, Table.key(first));
    }

    public CatalogBatch putDirent(int layer, long parent, byte[] name, Dirent dirent)
            throws CatalogException {
        return put(Table.DIRENTS, Table.key(layer, parent, name), dirent.toBytes());
    }

    public CatalogBatch deleteDirent(int layer, long parent, byte[] name) throws CatalogException {
        catalog.direntDeleted();
        return delete(Table.DIRENTS, Table.key(layer, parent, name));
    }

    /** Forgets every name in one directory of a layer. */
    public CatalogBatch deleteDirents(int layer, long parent) throws CatalogException {
        return deleteRange(Table.DIRENTS, Table.key(layer, parent), Table.key(layer, parent + 1));
    }

    public CatalogBatch putInode(int layer, long inode, InodeRecord record)
            throws CatalogException {
        return put(Table.INODES, Table.key(layer, inode), record.toBytes());
    }

    public CatalogBatch deleteInode(int layer, long inode) throws CatalogException {
        return delete(Table.INODES, Table.key(layer, inode));
    }

    /** Forgets the namespace of an upper layer. */
    public CatalogBatch deleteUpper(int layer) throws CatalogException {
        deleteRange(Table.DIRENTS, Table.key(layer), Table.key(layer + 1));
        return deleteRange(Table.INODES, Table.key(layer), Table.key(layer + 1));
    }

    public CatalogBatch putName(long inode, LinkName name) throws CatalogException {
        return put(Table.NAMES, Table.key((int) inode, name.parent(), name.name()), NOTHING);
    }

    public CatalogBatch deleteName(long inode, LinkName name) throws CatalogException {
        return delete(Table.NAMES, Table.key((int) inode, name.parent(), name.name()));
    }

    public CatalogBatch putAppendFile(AppendFileRecord file) throws CatalogException {
        return put(Table.APPEND_FILES, Table.longKey(file.number()), file.toBytes());
    }

    public CatalogBatch deleteAppendFile(long number) throws CatalogException {
        return delete(Table.APPEND_FILES, Table.longKey(number));
    }

    public CatalogBatch putForward(long appendFile, long fileOffset, DeviceExtent extent)
            throws CatalogException {
        byte[] value =
                ByteBuffer.allocate(16)
                        .putLong(extent.address())
                        .putLong(extent.lengthBytes())
                        .array();
        return put(Table.FORWARD, Table.longKey(appendFile, fileOffset), value);
    }

    /** Forgets what was archived of an append file. */
    public CatalogBatch deleteForward(long appendFile) throws CatalogException {
        return deleteRange(Table.FORWARD, Table.longKey(appendFile), Table.longKey(appendFile + 1));
    }

    public CatalogBatch putContainer(ContainerRecord container) throws CatalogException {
        return put(Table.CONTAINERS, Table.key(container.id().number()), container.toBytes());
    }

    /** The container is released: its number may be used again. */
    public CatalogBatch deleteContainer(int number) throws CatalogException {
        return delete(Table.CONTAINERS, Table.key(number));
    }

    private CatalogBatch put(Table table, byte[] key, byte[] value) throws CatalogException {
        Family family = catalog.family(table);
        try {
            changes.put(family.handle(), key, value);
            return this;
        } catch (RocksDBException e) {
            throw Catalog.failure("batch", e);
        }
    }

    private CatalogBatch delete(Table table, byte[] key) throws CatalogException {
        Family family = catalog.family(table);
        try {
            changes.delete(family.handle(), key);
            return this;
        } catch (RocksDBException e) {
            throw Catalog.failure("batch", e);
        }
    }

    private CatalogBatch deleteRange(Table table, byte[] from, byte[] to) throws CatalogException {
        Family family = catalog.family(table);
        try {
            changes.deleteRange(family.handle(), from, to);
            return this;
        } catch (RocksDBException e) {
            throw Catalog.failure("batch", e);
        }
    }

    @Override
    public void close() {
        changes.close();
    }
}
