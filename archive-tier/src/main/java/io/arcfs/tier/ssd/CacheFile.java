package io.arcfs.tier.ssd;

import io.arcfs.device.WaitPoint;
import io.arcfs.failpoint.Failpoint;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.ObjectTable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A container's SSD copy: a sparse file in which every offset is the offset in the container, and
 * the checksums of its blocks.
 *
 * <p>No byte leaves {@link #read} unless its block's checksum fits. Checksums of a write are set
 * after its bytes are in the file and made durable after the bytes are.
 *
 * <p>Thread-safe, except that {@link #close} must not run beside other calls. Writes beside reads
 * of the same blocks are the caller's to prevent.
 */
public final class CacheFile implements AutoCloseable {
    private final Geometry geometry;
    private final PosixFile data;
    private final PosixFile checksums;
    private final Object tableMonitor = new Object();
    private final BlockChecksums table; // changes and snapshots are guarded by tableMonitor
    private final Object flushMonitor = new Object();

    /** The first failed sync; what it covered may be lost though later syncs succeed. */
    private volatile @Nullable IOException syncFailure;

    private CacheFile(
            Geometry geometry, PosixFile data, PosixFile checksums, BlockChecksums table) {
        this.geometry = geometry;
        this.data = data;
        this.checksums = checksums;
        this.table = table;
    }

    /** Makes the files of a container opened for writing; durable when it returns. */
    public static CacheFile createForWriting(
            SsdDirectory ssd, UUID volume, ContainerId id, Geometry geometry) throws IOException {
        PosixFile data = openNew(ssd, id);
        try {
            Failpoint.CACHE_DATA_CREATED.reach();
            data.truncate(geometry.containerBytes());
            Failpoint.CACHE_DATA_SIZED.reach();
            data.sync();
            Failpoint.CACHE_DATA_SYNCED.reach();
            BlockChecksums table =
                    BlockChecksums.create(
                            ssd.checksumFile(id),
                            volume,
                            id,
                            geometry,
                            BlockChecksums.Initially.ZEROS);
            PosixFile checksums = openChecksums(ssd, id);
            ssd.sync();
            Failpoint.CACHE_NAMES_SYNCED.reach();
            return new CacheFile(geometry, data, checksums, table);
        } catch (IOException e) {
            data.close();
            throw e;
        }
    }

    /**
     * Makes the files of an evicted container of which objects will be recalled. Nothing is forced:
     * a reader waits, and what a crash leaves of them is found out or recalled again.
     */
    public static CacheFile createForRecall(
            SsdDirectory ssd, UUID volume, ContainerId id, Geometry geometry) throws IOException {
        PosixFile data = openNew(ssd, id);
        try {
            Failpoint.CACHE_DATA_CREATED.reach();
            data.truncate(geometry.containerBytes());
            Failpoint.CACHE_DATA_SIZED.reach();
            BlockChecksums table =
                    BlockChecksums.createUnforced(ssd.checksumFile(id), volume, id, geometry);
            return new CacheFile(geometry, data, openChecksums(ssd, id), table);
        } catch (IOException e) {
            data.close();
            throw e;
        }
    }

    private static PosixFile openNew(SsdDirectory ssd, ContainerId id) throws IOException {
        return PosixFile.open(
                ssd.dataFile(id),
                OpenFlag.READ,
                OpenFlag.WRITE,
                OpenFlag.CREATE,
                OpenFlag.TRUNCATE);
    }

    /** Opens the files of a container that were made earlier. */
    public static CacheFile open(SsdDirectory ssd, UUID volume, ContainerId id, Geometry geometry)
            throws IOException {
        PosixFile data = PosixFile.open(ssd.dataFile(id), OpenFlag.READ, OpenFlag.WRITE);
        try {
            PosixFile checksums = openChecksums(ssd, id);
            try {
                BlockChecksums table = BlockChecksums.load(checksums, volume, id, geometry);
                return new CacheFile(geometry, data, checksums, table);
            } catch (IOException e) {
                checksums.close();
                throw e;
            }
        } catch (IOException e) {
            data.close();
            throw e;
        }
    }

    /**
     * Opens bytes whose checksums are unusable: objects that fit the container's object table get
     * new ones, the others are as if they were not here.
     */
    public static CacheFile recover(
            SsdDirectory ssd, UUID volume, ContainerId id, Geometry geometry, ObjectTable objects)
            throws IOException {
        PosixFile data = PosixFile.open(ssd.dataFile(id), OpenFlag.READ, OpenFlag.WRITE);
        try {
            BlockChecksums table =
                    BlockChecksums.create(
                            ssd.checksumFile(id),
                            volume,
                            id,
                            geometry,
                            BlockChecksums.Initially.ABSENT);
            CacheFile cache = new CacheFile(geometry, data, openChecksums(ssd, id), table);
            ChecksumRepair.repairAll(cache, objects);
            cache.flush();
            ssd.sync();
            Failpoint.CACHE_NAMES_SYNCED.reach();
            return cache;
        } catch (IOException e) {
            data.close();
            throw e;
        }
    }

    private static PosixFile openChecksums(SsdDirectory ssd, ContainerId id) throws IOException {
        return PosixFile.open(ssd.checksumFile(id), OpenFlag.READ, OpenFlag.WRITE);
    }

    public boolean isPresent(int object) {
        return table.isPresent(object);
    }

    /** Whether these objects, both ends included, are all here. */
    public boolean arePresent(int first, int last) {
        return table.arePresent(first, last);
    }

    /** Whether the first {@code objects} objects are all here. */
    public boolean allPresent(int objects) {
        return table.allPresent(objects);
    }

    /**
     * Reads whole blocks and checks them.
     *
     * @return offset in the container of the first block whose bytes are wrong; -1 when all are
     *     right. What the target then holds must not be used.
     */
    public long read(long offsetInContainer, MemorySegment target) throws IOException {
        int got = WaitPoint.read(data, offsetInContainer, target);
        int firstBlock = block(offsetInContainer);
        int blocks = block(target.byteSize());
        BlockCrc crc = BlockCrc.over(target);
        for (int i = 0; i < blocks; i++) {
            int at = i * Page.BYTES;
            if (got < at + Page.BYTES) {
                return offsetInContainer + at; // the file was cut
            }
            if (crc.ofBlock(at) != table.crc(firstBlock + i)) {
                return offsetInContainer + at;
            }
        }
        return -1;
    }

    /** Reads without checking, for who has another checksum to hold the bytes against. */
    public int readUnchecked(long offsetInContainer, MemorySegment target) throws IOException {
        return data.read(offsetInContainer, target);
    }

    /** Writes whole blocks and sets their checksums. */
    public void write(long offsetInContainer, MemorySegment source) throws IOException {
        int[] crcs = Checksums.crc32cOfBlocks(source, Page.BYTES);
        data.write(offsetInContainer, source);
        setCrcs(offsetInContainer, crcs);
    }

    /**
     * Writes objects that follow each other and were checked against their container's object
     * table.
     *
     * @param crcs CRC32C of each of their blocks
     */
    public void install(
            int firstObject, int objects, long offsetInContainer, MemorySegment source, int[] crcs)
            throws IOException {
        data.write(offsetInContainer, source);
        synchronized (tableMonitor) {
            table.setCrcs(block(offsetInContainer), crcs);
            table.setPresent(firstObject, objects);
        }
    }

    /** Sets the checksums of an object that is in the file and known to be right. */
    public void adopt(int object, long offsetInContainer, MemorySegment rightBytes) {
        int[] crcs = Checksums.crc32cOfBlocks(rightBytes, Page.BYTES);
        synchronized (tableMonitor) {
            table.setCrcs(block(offsetInContainer), crcs);
            table.setPresent(object, true);
        }
    }

    private void setCrcs(long offsetInContainer, int[] crcs) {
        synchronized (tableMonitor) {
            table.setCrcs(block(offsetInContainer), crcs);
        }
    }

    /** Makes blocks read as zeros. */
    public void zero(long offsetInContainer, long lengthBytes) throws IOException {
        data.punchHole(offsetInContainer, lengthBytes);
        synchronized (tableMonitor) {
            table.setZero(block(offsetInContainer), block(lengthBytes));
        }
    }

    /** Says that an object's bytes here are not to be used any more. */
    public void forget(int object) {
        synchronized (tableMonitor) {
            table.setPresent(object, false);
        }
    }

    /** Forgets an object and gives its space back. */
    public void drop(int object, long offsetInContainer, int lengthBytes) throws IOException {
        forget(object);
        data.punchHole(offsetInContainer, lengthBytes);
        Failpoint.EVICT_DROPPED.reach();
    }

    /**
     * Makes zeros of the blocks that were written but not flushed before a crash: their checksums
     * still say that they are zeros.
     *
     * @return how many blocks it were
     */
    public int dropUnflushed() throws IOException {
        int dropped = 0;
        long at = data.seekData(0);
        byte[] block = new byte[Page.BYTES];
        while (at >= 0 && at < geometry.dataBytes()) {
            long end = data.seekHole(at);
            for (long b = at / Page.BYTES * Page.BYTES;
                    b < end && b < geometry.dataBytes();
                    b += Page.BYTES) {
                if (table.crc(block(b)) == BlockChecksums.ZERO_BLOCK_CRC) {
                    MemorySegment bytes = MemorySegment.ofArray(block);
                    data.read(b, bytes);
                    if (Checksums.crc32c(bytes) != BlockChecksums.ZERO_BLOCK_CRC) {
                        data.write(b, MemorySegment.ofArray(new byte[Page.BYTES]));
                        dropped++;
                    }
                }
            }
            at = data.seekData(end);
        }
        return dropped;
    }

    /** Makes every write that has returned durable, first the bytes, then their checksums. */
    public void flush() throws IOException {
        synchronized (flushMonitor) {
            BlockChecksums.Snapshot snapshot = takeSnapshot();
            if (snapshot == null) {
                failIfSyncFailed();
                return;
            }
            try {
                failIfSyncFailed();
                syncData();
                Failpoint.FLUSH_DATA_SYNCED.reach();
                snapshot.writeTo(checksums);
                sync(checksums);
                Failpoint.FLUSH_CHECKSUMS_SYNCED.reach();
            } catch (IOException e) {
                restore(snapshot);
                throw e;
            }
        }
    }

    /**
     * Writes changed checksums and presence without forcing anything: enough to find recalled
     * objects again after a restart, harmless if a crash tears it.
     */
    public void writeHints() throws IOException {
        synchronized (flushMonitor) {
            BlockChecksums.Snapshot snapshot = takeSnapshot();
            if (snapshot != null) {
                try {
                    snapshot.writeTo(checksums);
                } catch (IOException e) {
                    restore(snapshot);
                    throw e;
                }
            }
        }
    }

    /** Makes everything durable, whatever was written as a hint before, and the files' names. */
    public void forceAll(SsdDirectory ssd) throws IOException {
        synchronized (flushMonitor) {
            failIfSyncFailed();
            syncData();
            Failpoint.FLUSH_DATA_SYNCED.reach();
            writeHints();
            sync(checksums);
            Failpoint.FLUSH_CHECKSUMS_SYNCED.reach();
            ssd.sync();
            Failpoint.CACHE_NAMES_SYNCED.reach();
        }
    }

    private BlockChecksums.@Nullable Snapshot takeSnapshot() {
        synchronized (tableMonitor) {
            return table.isDirty() ? table.takeSnapshot() : null;
        }
    }

    private void restore(BlockChecksums.Snapshot snapshot) {
        synchronized (tableMonitor) {
            table.restore(snapshot);
        }
    }

    /** Writes and forces what stands behind the data: footer at its begin, tail at its end. */
    public void writeMetadataArea(byte[] footer, byte[] tail) throws IOException {
        data.write(geometry.dataBytes(), MemorySegment.ofArray(footer));
        data.write(geometry.containerBytes() - tail.length, MemorySegment.ofArray(tail));
        failIfSyncFailed();
        syncData();
        Failpoint.CLOSE_FOOTER_SYNCED.reach();
    }

    private void syncData() throws IOException {
        sync(data);
    }

    private void sync(PosixFile file) throws IOException {
        try {
            file.syncData();
        } catch (IOException e) {
            syncFailure = e;
            throw e;
        }
    }

    private void failIfSyncFailed() throws IOException {
        IOException failure = syncFailure;
        if (failure != null) {
            throw new IOException(
                    "an earlier sync failed, so its bytes may be lost: " + failure.getMessage(),
                    failure);
        }
    }

    public long allocatedBytes() throws IOException {
        return data.allocatedBytes() + checksums.allocatedBytes();
    }

    @Override
    public String toString() {
        return data.toString();
    }

    @Override
    public void close() throws IOException {
        try (data) {
            checksums.close();
        }
    }

    private static int block(long bytes) {
        return Math.toIntExact(bytes / Page.BYTES);
    }
}
