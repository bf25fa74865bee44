package io.arcfs.overlay.namespace;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.VolumeState;
import java.io.IOException;

/**
 * Hands out inode and append-file numbers. The catalog holds an upper bound that is raised ahead of
 * use, so that a crash skips numbers and never gives one twice. Thread-safe.
 */
public final class Counters {
    private static final int AHEAD = 1024;

    /** EROFS keeps an inode's number in 32 bits. */
    private static final long LAST_INODE = 0xFFFF_FFFFL;

    private final Catalog catalog;
    private VolumeState persisted;
    private long nextInode;
    private long nextAppendFile;

    public Counters(Catalog catalog, VolumeState persisted) {
        this.catalog = catalog;
        this.persisted = persisted;
        this.nextInode = persisted.nextInode();
        this.nextAppendFile = persisted.nextAppendFile();
    }

    synchronized long takeInode() throws IOException {
        if (nextInode > LAST_INODE) {
            throw new FsException(Reason.NO_SPACE, "the volume has used all 2^32 inode numbers");
        }
        if (nextInode >= persisted.nextInode()) {
            persist(
                    new VolumeState(
                            nextInode + AHEAD, persisted.nextAppendFile(), persisted.bootId()));
        }
        return nextInode++;
    }

    synchronized long takeAppendFile() throws IOException {
        if (nextAppendFile >= persisted.nextAppendFile()) {
            persist(
                    new VolumeState(
                            persisted.nextInode(), nextAppendFile + AHEAD, persisted.bootId()));
        }
        return nextAppendFile++;
    }

    /** First inode number that was never given out. */
    public synchronized long nextInode() {
        return nextInode;
    }

    public synchronized long unusedInodes() {
        return LAST_INODE - nextInode + 1;
    }

    private void persist(VolumeState state) throws IOException {
        try (CatalogBatch batch = catalog.batch()) {
            batch.putVolume(state);
            catalog.commit(batch, Sync.NO);
        }
        Failpoint.NUMBERS_RAISED.reach();
        persisted = state;
    }
}
