package io.arcfs.overlay.namespace;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.AppendFileRecord;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.data.AppendFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Append files that a process that died left longer than it had made durable. Their bytes are with
 * the operating system, like those of an append of this process, and are made durable like them:
 * soon, by the committer, and not while everybody waits for the volume to open. Until then the
 * catalog's durable end stands, so that power loss cuts them there.
 *
 * <p>Thread-safe; what goes to the catalog is guarded by the committer's monitor.
 */
final class InheritedFiles {
    private final Tree tree;
    private final Object commitMonitor;

    /** By number, with the end that is to become the durable one. */
    private final Map<Long, AppendFileRecord> files = new ConcurrentHashMap<>();

    InheritedFiles(Tree tree, Object commitMonitor) {
        this.tree = tree;
        this.commitMonitor = commitMonitor;
    }

    void add(Collection<AppendFileRecord> found) {
        found.forEach(file -> files.put(file.number(), file));
        if (!found.isEmpty()) {
            tree.appendFiles().namesMayBeNew();
        }
    }

    boolean isEmpty() {
        return files.isEmpty();
    }

    boolean contains(long appendFile) {
        return files.containsKey(appendFile);
    }

    /** Others have made the file durable, or its row has gone. Wants the monitor. */
    void remove(long appendFile) {
        files.remove(appendFile);
    }

    List<AppendFileRecord> all() {
        return List.copyOf(files.values());
    }

    /** Makes some of them durable; the caller syncs the catalog. */
    void writeOut(List<AppendFileRecord> some) throws IOException {
        for (AppendFileRecord file : some) {
            tree.appendFiles().get(file.number()).startWriting();
        }
        List<AppendFileRecord> durable = new ArrayList<>(some.size());
        IOException failure = null;
        for (AppendFileRecord file : some) {
            try {
                syncData(file);
                durable.add(file);
            } catch (IOException e) {
                // Gone meanwhile, or one that keeps no other from being made durable.
                if (contains(file.number())) {
                    failure = failure == null ? e : failure;
                }
            }
        }
        tree.appendFiles().syncNames();
        Failpoint.SYNC_NAMES.reach();
        commit(durable);
        if (failure != null) {
            throw failure;
        }
    }

    private void syncData(AppendFileRecord record) throws IOException {
        AppendFile file = tree.appendFiles().get(record.number());
        file.retain();
        try {
            file.syncData();
            Failpoint.SYNC_DATA.reach();
        } finally {
            file.release();
        }
    }

    private void commit(List<AppendFileRecord> durable) throws IOException {
        tree.readLock().lock();
        try (CatalogBatch batch = tree.catalog().batch()) {
            synchronized (commitMonitor) {
                for (AppendFileRecord file : durable) {
                    // Not over what was noted meanwhile of a file that has grown.
                    if (contains(file.number())) {
                        batch.putAppendFile(file);
                    }
                }
                tree.catalog().commit(batch, Sync.NO);
                Failpoint.SYNC_RECORDS.reach();
                durable.forEach(file -> remove(file.number()));
            }
        } finally {
            tree.readLock().unlock();
        }
    }
}
