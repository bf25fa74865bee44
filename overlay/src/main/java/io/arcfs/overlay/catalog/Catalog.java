package io.arcfs.overlay.catalog;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.failpoint.Faults;
import io.arcfs.failpoint.Faults.Operation;
import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFileLimit;
import io.arcfs.posix.PosixException;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.catalog.LogScan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteOptions;

/**
 * The namespace database of a volume: typed reads, and batches for every change.
 *
 * <p>Thread-safe; {@link #close} only when no call is under way.
 */
public final class Catalog implements AutoCloseable {
    private static final long WRITE_BUFFER_BYTES = 8L << 20;
    private static final long BLOCK_CACHE_BYTES = 16L << 20;
    private static final int CACHE_SHARD_BITS = 2;

    /** Most names that are asked for are new ones: one in a hundred of those reads a block. */
    private static final double FILTER_BITS_PER_KEY = 10;

    private static final int MOST_OPEN_FILES = 256;

    private static final long LOG_BYTES = 64L << 20;

    /** So many deleted names cost a listing some milliseconds. */
    private static final int MANY_DELETIONS = 10_000;

    private final RocksDB database;
    private final Map<Table, ColumnFamilyHandle> families;
    private final DBOptions options;
    private final ColumnFamilyOptions familyOptions;
    private final boolean readOnly;
    private final LongAdder deletedDirents = new LongAdder();
    private final WriteOptions unsynced = new WriteOptions();

    /** Why nobody knows any more what of the log is durable; null while that is known. */
    private volatile @Nullable CatalogException inDoubt;

    private Catalog(
            RocksDB database,
            Map<Table, ColumnFamilyHandle> families,
            DBOptions options,
            ColumnFamilyOptions familyOptions,
            boolean readOnly) {
        this.readOnly = readOnly;
        this.database = database;
        this.families = families;
        this.options = options;
        this.familyOptions = familyOptions;
    }

    /**
     * Whether to wait until a commit has reached the medium (C2) or only the operating system (C3).
     */
    public enum Sync {
        NO,
        YES
    }

    /** A RocksDB column family, kept inside this package. */
    record Family(ColumnFamilyHandle handle) {}

    /**
     * Opens the catalog in a directory, making it if absent.
     *
     * <p>A crash tears the last record of the log, which nobody was told of. A log that is damaged
     * before its end, though the machine has been up all the time, has lost what was acknowledged:
     * that is an error, and nothing is changed.
     *
     * @param bootId of the machine now; null takes a torn log for what a crash left
     */
    public static Catalog open(Path directory, @Nullable String bootId) throws IOException {
        Files.createDirectories(directory);
        try {
            return open(directory, false, WALRecoveryMode.AbsoluteConsistency);
        } catch (CatalogException e) {
            if (bootId != null
                    && !LogScan.areWholeButForTheirEnd(directory)
                    && !wasTornByPowerLoss(directory, bootId)) {
                throw e;
            }
            return open(directory, false, WALRecoveryMode.PointInTimeRecovery);
        }
    }

    /** As {@link #open(Path, String)} for tools and tests. */
    public static Catalog open(Path directory) throws IOException {
        return open(directory, (String) null);
    }

    private static boolean wasTornByPowerLoss(Path directory, String bootId) throws IOException {
        try (Catalog torn = open(directory, true, WALRecoveryMode.PointInTimeRecovery)) {
            VolumeState state = torn.volume();
            return state != null && !state.bootId().equals(bootId);
        }
    }

    /** Opens a catalog to look at it: nothing on disk changes. */
    public static Catalog openReadOnly(Path directory) throws IOException {
        try {
            return open(directory, true, WALRecoveryMode.AbsoluteConsistency);
        } catch (CatalogException e) {
            if (!LogScan.areWholeButForTheirEnd(directory)) {
                throw e;
            }
            return open(directory, true, WALRecoveryMode.PointInTimeRecovery);
        }
    }

    private static Catalog open(Path directory, boolean readOnly, WALRecoveryMode mode)
            throws IOException {
        RocksDB.loadLibrary();
        DBOptions options =
                new DBOptions()
                        .setCreateIfMissing(!readOnly)
                        .setCreateMissingColumnFamilies(!readOnly)
                        .setWalRecoveryMode(mode)
                        .setMaxTotalWalSize(LOG_BYTES)
                        .setMaxOpenFiles(OpenFileLimit.ofProcess().share(MOST_OPEN_FILES))
                        .setKeepLogFileNum(2)
                        .setMaxLogFileSize(1 << 20)
                        // Changes come one at a time, under the namespace's lock.
                        .setAllowConcurrentMemtableWrite(false)
                        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL);
        LRUCache blockCache = new LRUCache(BLOCK_CACHE_BYTES, CACHE_SHARD_BITS);
        BloomFilter filter = new BloomFilter(FILTER_BITS_PER_KEY);
        ColumnFamilyOptions familyOptions =
                new ColumnFamilyOptions()
                        .setWriteBufferSize(WRITE_BUFFER_BYTES)
                        // Writers go on while full ones are written out.
                        .setMaxWriteBufferNumber(4)
                        .setTableFormatConfig(
                                new BlockBasedTableConfig()
                                        .setBlockCache(blockCache)
                                        .setFilterPolicy(filter)
                                        .setCacheIndexAndFilterBlocks(true)
                                        // In pieces: the filter of a table with a million rows is
                                        // larger than a shard of the cache, and was read anew by
                                        // every look-up.
                                        .setIndexType(IndexType.kTwoLevelIndexSearch)
                                        .setPartitionFilters(true)
                                        .setPinTopLevelIndexAndFilter(true)
                                        .setPinL0FilterAndIndexBlocksInCache(true));
        // The options of the tables keep both alive.
        blockCache.close();
        filter.close();
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        for (Table table : Table.values()) {
            descriptors.add(new ColumnFamilyDescriptor(table.familyName(), familyOptions));
        }
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            RocksDB database =
                    readOnly
                            ? RocksDB.openReadOnly(
                                    options, directory.toString(), descriptors, handles)
                            : RocksDB.open(options, directory.toString(), descriptors, handles);
            Map<Table, ColumnFamilyHandle> families = new EnumMap<>(Table.class);
            Iterator<ColumnFamilyHandle> handle = handles.iterator();
            for (Table table : Table.values()) {
                families.put(table, handle.next());
            }
            return new Catalog(database, families, options, familyOptions, readOnly);
        } catch (RocksDBException e) {
            options.close();
            familyOptions.close();
            throw failure("open " + directory, e);
        }
    }

    public CatalogBatch batch() {
        return new CatalogBatch(this);
    }

    /**
     * Takes a change. One that could not be made durable is taken nevertheless: readers see it, and
     * the next open finds it or does not. The catalog then takes no more.
     */
    public void commit(CatalogBatch batch, Sync sync) throws CatalogException {
        requireCertainty();
        fault(sync == Sync.YES ? Operation.COMMIT_SYNCED : Operation.COMMIT);
        try {
            // A synced write would keep every other writer waiting for the medium; this does not.
            database.write(unsynced, batch.changes);
        } catch (RocksDBException e) {
            throw failure("commit", e);
        }
        if (sync == Sync.YES) {
            try {
                Failpoint.LOG_WRITTEN.reach();
            } catch (IOException e) {
                throw doubt(new CatalogException("commit", false, e));
            }
            sync();
        }
    }

    /** Makes every earlier commit durable (C2); after a failure it is not tried again. */
    public void sync() throws CatalogException {
        requireCertainty();
        try {
            fault(Operation.COMMIT_SYNCED);
            database.flushWal(true);
        } catch (RocksDBException e) {
            throw doubt(failure("sync", e));
        } catch (CatalogException e) {
            throw doubt(e);
        }
    }

    private CatalogException doubt(CatalogException failure) {
        inDoubt = failure;
        return failure;
    }

    private void requireCertainty() throws CatalogException {
        CatalogException failure = inDoubt;
        if (failure != null) {
            throw new CatalogException(
                    "nothing is changed until the volume is mounted anew, because the log could not"
                            + " be made durable",
                    failure.noSpace(),
                    failure);
        }
    }

    private static void fault(Operation operation) throws CatalogException {
        try {
            Faults.before(operation, "catalog");
        } catch (IOException e) {
            boolean noSpace = e instanceof PosixException p && p.errno() == Errno.ENOSPC;
            throw new CatalogException("commit", noSpace, e);
        }
    }

    void direntDeleted() {
        deletedDirents.increment();
    }

    /**
     * Clears away what deleted names leave behind once there are many: every listing of their
     * directory walks over it. Costs as much as the names of one layer.
     */
    public void tidyDirents(int layer) throws CatalogException {
        if (deletedDirents.sum() < MANY_DELETIONS) {
            return;
        }
        deletedDirents.reset();
        try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            ColumnFamilyHandle dirents = handle(Table.DIRENTS);
            database.flush(flush, dirents);
            database.compactRange(dirents, Table.key(layer), Table.key(layer + 1));
        } catch (RocksDBException e) {
            throw failure("tidy", e);
        }
    }

    public @Nullable VolumeState volume() throws CatalogException {
        byte[] value = get(Table.VOLUME, Table.VOLUME_KEY);
        return value == null ? null : VolumeState.of(value);
    }

    /** Every layer, oldest first. */
    public List<LayerRecord> layers() throws IOException {
        List<LayerRecord> layers = new ArrayList<>();
        scan(Table.LAYERS, new byte[0], (_, value) -> layers.add(LayerRecord.of(value)));
        return layers;
    }

    public @Nullable Dirent dirent(int layer, long parent, byte[] name) throws CatalogException {
        byte[] value = get(Table.DIRENTS, Table.key(layer, parent, name));
        return value == null ? null : Dirent.of(value);
    }

    /** Names of one directory of a layer, in unsigned byte order. */
    public void dirents(int layer, long parent, DirentVisitor visitor) throws IOException {
        scan(
                Table.DIRENTS,
                Table.key(layer, parent),
                (key, value) ->
                        visitor.dirent(Arrays.copyOfRange(key, 8, key.length), Dirent.of(value)));
    }

    /** Every name of a layer, by directory. */
    public void dirents(int layer, LayerDirentVisitor visitor) throws IOException {
        scan(
                Table.DIRENTS,
                Table.key(layer),
                (key, value) ->
                        visitor.dirent(
                                ByteBuffer.wrap(key).getInt(4) & 0xFFFF_FFFFL,
                                Arrays.copyOfRange(key, 8, key.length),
                                Dirent.of(value)));
    }

    public @Nullable InodeRecord inode(int layer, long inode) throws CatalogException {
        byte[] value = get(Table.INODES, Table.key(layer, inode));
        return value == null ? null : InodeRecord.of(value);
    }

    /** Every inode of a layer, by ascending number. */
    public void inodes(int layer, InodeVisitor visitor) throws IOException {
        scan(
                Table.INODES,
                Table.key(layer),
                (key, value) ->
                        visitor.inode(
                                ByteBuffer.wrap(key).getInt(4) & 0xFFFF_FFFFL,
                                InodeRecord.of(value)));
    }

    /** Whether any directory of the layer says anything. */
    public boolean hasDirents(int layer) throws CatalogException {
        return hasRows(Table.DIRENTS, Table.key(layer));
    }

    public boolean hasInodes(int layer) throws CatalogException {
        return hasRows(Table.INODES, Table.key(layer));
    }

    private boolean hasRows(Table table, byte[] prefix) throws CatalogException {
        try (RocksIterator rows = database.newIterator(handle(table))) {
            rows.seek(prefix);
            rows.status();
            return rows.isValid() && startsWith(rows.key(), prefix);
        } catch (RocksDBException e) {
            throw failure("scan", e);
        }
    }

    /** Number of the oldest layer that has rows of an upper, or -1. */
    public int oldestUpperRows() throws CatalogException {
        try (RocksIterator rows = database.newIterator(handle(Table.INODES))) {
            rows.seekToFirst();
            rows.status();
            return rows.isValid() ? ByteBuffer.wrap(rows.key()).getInt() : -1;
        } catch (RocksDBException e) {
            throw failure("scan", e);
        }
    }

    /**
     * Recorded names of an inode: all of them if it is a directory or ever had several, else none.
     */
    public List<LinkName> names(long inode) throws IOException {
        List<LinkName> names = new ArrayList<>();
        scan(
                Table.NAMES,
                Table.key((int) inode),
                (key, _) ->
                        names.add(
                                new LinkName(
                                        ByteBuffer.wrap(key).getInt(4) & 0xFFFF_FFFFL,
                                        Arrays.copyOfRange(key, 8, key.length))));
        return names;
    }

    /**
     * One recorded name of an inode that is not {@code gone}; null if there is none. Begins behind
     * {@code gone}: names that go one after the other leave deletions before it.
     */
    public @Nullable LinkName anyName(long inode, @Nullable LinkName gone) throws CatalogException {
        byte[] prefix = Table.key((int) inode);
        try (RocksIterator rows = database.newIterator(handle(Table.NAMES))) {
            LinkName behind =
                    gone == null
                            ? null
                            : nameFrom(
                                    rows,
                                    prefix,
                                    Table.key((int) inode, gone.parent(), gone.name()),
                                    gone);
            LinkName found = behind != null ? behind : nameFrom(rows, prefix, prefix, gone);
            rows.status();
            return found;
        } catch (RocksDBException e) {
            throw failure("scan", e);
        }
    }

    private static @Nullable LinkName nameFrom(
            RocksIterator rows, byte[] prefix, byte[] from, @Nullable LinkName gone) {
        for (rows.seek(from); rows.isValid(); rows.next()) {
            byte[] key = rows.key();
            if (!startsWith(key, prefix)) {
                return null;
            }
            LinkName name =
                    new LinkName(
                            ByteBuffer.wrap(key).getInt(4) & 0xFFFF_FFFFL,
                            Arrays.copyOfRange(key, 8, key.length));
            if (gone == null || !name.isSame(gone)) {
                return name;
            }
        }
        return null;
    }

    /** Every recorded name of every inode. */
    public void allNames(NameVisitor visitor) throws IOException {
        scan(
                Table.NAMES,
                new byte[0],
                (key, _) ->
                        visitor.name(
                                ByteBuffer.wrap(key).getInt() & 0xFFFF_FFFFL,
                                new LinkName(
                                        ByteBuffer.wrap(key).getInt(4) & 0xFFFF_FFFFL,
                                        Arrays.copyOfRange(key, 8, key.length))));
    }

    /** Whether {@link #names} has that one. */
    public boolean hasName(long inode, LinkName name) throws CatalogException {
        return get(Table.NAMES, Table.key((int) inode, name.parent(), name.name())) != null;
    }

    public List<AppendFileRecord> appendFiles() throws IOException {
        List<AppendFileRecord> files = new ArrayList<>();
        scan(
                Table.APPEND_FILES,
                new byte[0],
                (key, value) ->
                        files.add(AppendFileRecord.of(ByteBuffer.wrap(key).getLong(), value)));
        return files;
    }

    /** What the last round archived of an append file, by ascending file offset. */
    public List<InodeRecord.Run> forward(long appendFile) throws IOException {
        List<InodeRecord.Run> runs = new ArrayList<>();
        scan(
                Table.FORWARD,
                Table.longKey(appendFile),
                (key, value) -> {
                    ByteBuffer extent = ByteBuffer.wrap(value);
                    runs.add(
                            new InodeRecord.Run(
                                    ByteBuffer.wrap(key).getLong(8),
                                    new DeviceExtent(extent.getLong(), extent.getLong())));
                });
        return runs;
    }

    /** Append files that the last rounds archived something of. */
    public Set<Long> forwardedFiles() throws IOException {
        Set<Long> files = new HashSet<>();
        scan(Table.FORWARD, new byte[0], (key, _) -> files.add(ByteBuffer.wrap(key).getLong()));
        return files;
    }

    public List<ContainerRecord> containers() throws IOException {
        List<ContainerRecord> containers = new ArrayList<>();
        scan(
                Table.CONTAINERS,
                new byte[0],
                (_, value) -> containers.add(ContainerRecord.of(value)));
        return containers;
    }

    /** Takes names of a directory. */
    @FunctionalInterface
    public interface DirentVisitor {
        void dirent(byte[] name, Dirent dirent) throws IOException;
    }

    /** Takes names of a layer. */
    @FunctionalInterface
    public interface LayerDirentVisitor {
        void dirent(long parent, byte[] name, Dirent dirent) throws IOException;
    }

    /** Takes inodes of a layer. */
    @FunctionalInterface
    public interface InodeVisitor {
        void inode(long inode, InodeRecord record) throws IOException;
    }

    /** Takes recorded names. */
    @FunctionalInterface
    public interface NameVisitor {
        void name(long inode, LinkName name) throws IOException;
    }

    /** Takes raw rows. */
    @FunctionalInterface
    private interface RowVisitor {
        void row(byte[] key, byte[] value) throws IOException;
    }

    Family family(Table table) {
        return new Family(handle(table));
    }

    private ColumnFamilyHandle handle(Table table) {
        return Objects.requireNonNull(families.get(table), "every table is opened");
    }

    private byte @Nullable [] get(Table table, byte[] key) throws CatalogException {
        try {
            return database.get(handle(table), key);
        } catch (RocksDBException e) {
            throw failure("read", e);
        }
    }

    private void scan(Table table, byte[] prefix, RowVisitor visitor) throws IOException {
        try (RocksIterator rows = database.newIterator(handle(table))) {
            for (rows.seek(prefix); rows.isValid(); rows.next()) {
                byte[] key = rows.key();
                if (!startsWith(key, prefix)) {
                    return;
                }
                visitor.row(key, rows.value());
            }
            rows.status();
        } catch (RocksDBException e) {
            throw failure("scan", e);
        }
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length
                && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    static CatalogException failure(String what, RocksDBException e) {
        Status status = e.getStatus();
        boolean noSpace =
                status != null
                        && (status.getSubCode() == Status.SubCode.NoSpace
                                || String.valueOf(e.getMessage()).contains("No space left"));
        return new CatalogException(what, noSpace, e);
    }

    @Override
    public void close() throws CatalogException {
        try {
            if (!readOnly) {
                database.flushWal(true);
                // So that a closed catalog is all tables, whose every block has a checksum.
                try (FlushOptions whole = new FlushOptions()) {
                    database.flush(whole, List.copyOf(families.values()));
                }
            }
        } catch (RocksDBException e) {
            throw failure("close", e);
        } finally {
            families.values().forEach(ColumnFamilyHandle::close);
            database.close();
            unsynced.close();
            familyOptions.close();
            options.close();
        }
    }
}
