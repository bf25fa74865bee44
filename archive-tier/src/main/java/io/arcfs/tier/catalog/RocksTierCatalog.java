package io.arcfs.tier.catalog;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.failpoint.Faults;
import io.arcfs.failpoint.Faults.Operation;
import io.arcfs.posix.OpenFileLimit;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The tier catalog in RocksDB; the only class that knows of it.
 *
 * <pre>
 * 'V'                          -> Version u32 (1), Volume uuid, Geometry (4 * u32, 2 * u64)
 * 'C' Number u32               -> row, see {@link ContainerRowCodec}
 * 'F' Number u32, Sequence u32 -> footer, byte for byte as on the media
 * 'M' spec (UTF-8)             -> identity of the medium, a uuid
 * 'N' name (UTF-8)             -> a note, see {@link TierCatalog#note}
 * </pre>
 *
 * All integers big-endian, so that keys sort by number. Thread-safe.
 */
public final class RocksTierCatalog implements TierCatalog {
    private static final int VERSION = 1;
    private static final long MIB = 1 << 20;
    private static final byte[] HEADER_KEY = {'V'};

    private final Options options;
    private final LRUCache blockCache;
    private final WriteOptions synced;
    private final RocksDB db;
    private final boolean readOnly;
    private boolean closed;

    private RocksTierCatalog(
            Options options,
            LRUCache blockCache,
            WriteOptions synced,
            RocksDB db,
            boolean readOnly) {
        this.readOnly = readOnly;
        this.options = options;
        this.blockCache = blockCache;
        this.synced = synced;
        this.db = db;
    }

    /** Opens the catalog of this volume, or makes it; refuses that of another. */
    public static RocksTierCatalog open(Path directory, UUID volume, Geometry geometry)
            throws IOException {
        RocksDB.loadLibrary();
        WALRecoveryMode mode = recoveryMode(directory);
        LRUCache cache = new LRUCache(4 * MIB);
        Options options = options(cache).setWalRecoveryMode(mode);
        WriteOptions synced = new WriteOptions().setSync(true);
        RocksDB db;
        try {
            db = RocksDB.open(options, directory.toString());
        } catch (RocksDBException e) {
            synced.close();
            options.close();
            cache.close();
            throw new IOException(
                    "tier catalog " + directory + " cannot be opened: " + e.getMessage(), e);
        }
        RocksTierCatalog catalog = new RocksTierCatalog(options, cache, synced, db, false);
        try {
            catalog.checkHeader(directory, header(volume, geometry));
        } catch (IOException e) {
            catalog.close();
            throw e;
        }
        return catalog;
    }

    /** Opens the catalog of this volume to look at it: nothing on disk changes. */
    public static RocksTierCatalog openReadOnly(Path directory, UUID volume, Geometry geometry)
            throws IOException {
        RocksDB.loadLibrary();
        WALRecoveryMode mode = recoveryMode(directory);
        LRUCache cache = new LRUCache(4 * MIB);
        Options options = options(cache).setCreateIfMissing(false).setWalRecoveryMode(mode);
        WriteOptions synced = new WriteOptions().setSync(true);
        try {
            RocksDB db = RocksDB.openReadOnly(options, directory.toString());
            RocksTierCatalog catalog = new RocksTierCatalog(options, cache, synced, db, true);
            if (catalog.get(HEADER_KEY).isEmpty()) {
                catalog.close();
                throw new IOException("tier catalog " + directory + " is empty");
            }
            catalog.checkHeader(directory, header(volume, geometry));
            return catalog;
        } catch (RocksDBException e) {
            synced.close();
            options.close();
            cache.close();
            throw new IOException(
                    "tier catalog " + directory + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /**
     * Every write is synced, so only the last may be torn, or not have reached the disk whole. A
     * damaged record before it is an error: by default what comes behind it would be forgotten in
     * silence.
     */
    private static WALRecoveryMode recoveryMode(Path directory) throws IOException {
        return !Files.exists(directory) || LogScan.areWholeButForTheirEnd(directory)
                ? WALRecoveryMode.PointInTimeRecovery
                : WALRecoveryMode.AbsoluteConsistency;
    }

    /** Small on purpose: some ten thousand rows, written a few times a minute at most. */
    private static Options options(LRUCache cache) {
        return new Options()
                .setCreateIfMissing(true)
                .setWriteBufferSize(4 * MIB)
                .setMaxWriteBufferNumber(2)
                .setMaxTotalWalSize(8 * MIB)
                .setTargetFileSizeBase(8 * MIB)
                .setMaxOpenFiles(OpenFileLimit.ofProcess().share(64))
                .setMaxBackgroundJobs(2)
                .setKeepLogFileNum(2)
                .setMaxLogFileSize(MIB)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
    }

    private void checkHeader(Path directory, byte[] expected) throws IOException {
        byte[] actual = get(HEADER_KEY).orElse(null);
        if (actual == null) {
            put(HEADER_KEY, expected);
            Failpoint.TIER_NOTED.reach();
            return;
        }
        int version = actual.length < 4 ? 0 : ByteBuffer.wrap(actual).getInt();
        if (version != VERSION) {
            throw new IOException(
                    "tier catalog "
                            + directory
                            + " has version "
                            + version
                            + "; this arcfs reads version "
                            + VERSION);
        }
        if (!Arrays.equals(actual, expected)) {
            throw new IOException(
                    "tier catalog "
                            + directory
                            + " belongs to another volume or geometry than arc.json says");
        }
    }

    private static byte[] header(UUID volume, Geometry geometry) {
        return ByteBuffer.allocate(4 + 16 + 16 + 16)
                .putInt(VERSION)
                .putLong(volume.getMostSignificantBits())
                .putLong(volume.getLeastSignificantBits())
                .putInt(geometry.blockBytes())
                .putInt(geometry.chunkBytes())
                .putInt(geometry.objectBytes())
                .putInt(geometry.containers())
                .putLong(geometry.dataBytes())
                .putLong(geometry.containerBytes())
                .array();
    }

    @Override
    public List<ContainerRow> rows() throws IOException {
        List<ContainerRow> rows = new ArrayList<>();
        for (Map.Entry<byte[], byte[]> entry : scan((byte) 'C')) {
            int number = ByteBuffer.wrap(entry.getKey()).getInt(1);
            rows.add(ContainerRowCodec.decode(number, entry.getValue()));
        }
        return rows;
    }

    @Override
    public void put(ContainerRow row) throws IOException {
        put(rowKey(row.id()), ContainerRowCodec.encode(row));
    }

    @Override
    public void putClosed(ContainerRow row, byte[] footer) throws IOException {
        Faults.before(Operation.COMMIT_SYNCED, "tier catalog");
        try (WriteBatch batch = new WriteBatch()) {
            batch.put(footerKey(row.id()), footer);
            batch.put(rowKey(row.id()), ContainerRowCodec.encode(row));
            db.write(synced, batch);
        } catch (RocksDBException e) {
            throw failed("write", e);
        }
    }

    @Override
    public void remove(ContainerId container) throws IOException {
        Faults.before(Operation.COMMIT_SYNCED, "tier catalog");
        try (WriteBatch batch = new WriteBatch()) {
            batch.delete(rowKey(container));
            batch.delete(footerKey(container));
            db.write(synced, batch);
        } catch (RocksDBException e) {
            throw failed("write", e);
        }
    }

    @Override
    public Optional<byte[]> footer(ContainerId container) throws IOException {
        return get(footerKey(container));
    }

    @Override
    public Map<String, UUID> media() throws IOException {
        Map<String, UUID> media = new LinkedHashMap<>();
        for (Map.Entry<byte[], byte[]> entry : scan((byte) 'M')) {
            byte[] key = entry.getKey();
            ByteBuffer uuid = ByteBuffer.wrap(entry.getValue());
            media.put(
                    new String(key, 1, key.length - 1, StandardCharsets.UTF_8),
                    new UUID(uuid.getLong(), uuid.getLong()));
        }
        return media;
    }

    @Override
    public void putMedium(String spec, UUID medium) throws IOException {
        byte[] text = spec.getBytes(StandardCharsets.UTF_8);
        put(
                ByteBuffer.allocate(1 + text.length).put((byte) 'M').put(text).array(),
                ByteBuffer.allocate(16)
                        .putLong(medium.getMostSignificantBits())
                        .putLong(medium.getLeastSignificantBits())
                        .array());
    }

    @Override
    public Optional<byte[]> note(String name) throws IOException {
        return get(noteKey(name));
    }

    @Override
    public List<String> notes(String prefix) throws IOException {
        List<String> names = new ArrayList<>();
        for (Map.Entry<byte[], byte[]> entry : scan((byte) 'N')) {
            byte[] key = entry.getKey();
            String name = new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
            if (name.startsWith(prefix)) {
                names.add(name);
            }
        }
        return names;
    }

    @Override
    public void putNote(String name, byte @Nullable [] value) throws IOException {
        if (value != null) {
            put(noteKey(name), value);
            Failpoint.TIER_NOTED.reach();
            return;
        }
        Faults.before(Operation.COMMIT_SYNCED, "tier catalog");
        try {
            db.delete(synced, noteKey(name));
        } catch (RocksDBException e) {
            throw failed("write", e);
        }
        Failpoint.TIER_NOTED.reach();
    }

    private static byte[] noteKey(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + text.length).put((byte) 'N').put(text).array();
    }

    /** Entries whose key begins with this byte; the caller keeps their number small. */
    private List<Map.Entry<byte[], byte[]>> scan(byte prefix) throws IOException {
        List<Map.Entry<byte[], byte[]>> entries = new ArrayList<>();
        try (RocksIterator it = db.newIterator()) {
            for (it.seek(new byte[] {prefix}); it.isValid() && it.key()[0] == prefix; it.next()) {
                entries.add(Map.entry(it.key(), it.value()));
            }
            it.status();
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
        return entries;
    }

    private Optional<byte[]> get(byte[] key) throws IOException {
        try {
            return Optional.ofNullable(db.get(key));
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
    }

    private void put(byte[] key, byte[] value) throws IOException {
        Faults.before(Operation.COMMIT_SYNCED, "tier catalog");
        try {
            db.put(synced, key, value);
        } catch (RocksDBException e) {
            throw failed("write", e);
        }
    }

    private static byte[] rowKey(ContainerId id) {
        return ByteBuffer.allocate(5).put((byte) 'C').putInt(id.number()).array();
    }

    private static byte[] footerKey(ContainerId id) {
        return ByteBuffer.allocate(9)
                .put((byte) 'F')
                .putInt(id.number())
                .putInt(id.sequence())
                .array();
    }

    private static IOException failed(String what, RocksDBException e) {
        return new IOException("tier catalog: " + what + " failed: " + e.getMessage(), e);
    }

    /** So that a closed catalog is all tables, whose every block has a checksum. */
    private void flushTables() {
        try (FlushOptions whole = new FlushOptions()) {
            db.flush(whole);
        } catch (RocksDBException e) {
            // Every change was durable in the log when it was made.
            return;
        }
    }

    /** Idempotent; no other call may be under way. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            if (!readOnly) {
                flushTables();
            }
            db.close();
            synced.close();
            options.close();
            blockCache.close();
        }
    }
}
