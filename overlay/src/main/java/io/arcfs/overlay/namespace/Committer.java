package io.arcfs.overlay.namespace;

import io.arcfs.overlay.catalog.AppendFileRecord;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.data.AppendFile;
import io.arcfs.overlay.data.FileData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Makes appends durable: bytes first, then the record that counts them, then the catalog's log.
 * Also removes append files whose last reference has durably gone. Thread-safe.
 */
public final class Committer {
    private final Tree tree;
    private final Set<Node> unsynced = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<Long> garbage = new ConcurrentLinkedQueue<>();

    Committer(Tree tree) {
        this.tree = tree;
    }

    /** Notes a file that is being appended to. Called before the append reserves its range. */
    void note(Node node) {
        unsynced.add(node);
    }

    /** Files with appends that may not be durable. */
    List<Node> unsynced() {
        return List.copyOf(unsynced);
    }

    void discard(Collection<Long> appendFiles) {
        garbage.addAll(appendFiles);
    }

    /** Makes one file durable, and with it every namespace change before (C2). */
    void sync(Node node) throws IOException {
        writeOut(node);
        tree.catalog().sync();
    }

    /** Makes everything durable that was done before the call. */
    public void syncAll() throws IOException {
        List<Long> forgotten = new ArrayList<>();
        for (Long number = garbage.poll(); number != null; number = garbage.poll()) {
            forgotten.add(number);
        }
        try {
            for (Node node : unsynced()) {
                writeOut(node);
            }
            tree.catalog().sync();
        } catch (IOException e) {
            garbage.addAll(forgotten);
            throw e;
        }
        for (long number : forgotten) {
            tree.appendFiles().remove(number);
        }
    }

    private void writeOut(Node node) throws IOException {
        FileData data = node.data();
        AppendFile file = data == null ? null : data.appendFile();
        long end = node.writtenEnd();
        if (file != null && (!node.removed || node.linkable)) {
            try {
                syncData(file);
            } catch (IOException e) {
                if (node.linkable || isInUpper(node)) {
                    throw e;
                }
                // Archived meanwhile: its bytes were durable on the device before its append file
                // went.
            }
        }
        commitRecord(node, file == null ? 0 : file.number(), end);
    }

    private void syncData(AppendFile file) throws IOException {
        file.retain();
        try {
            file.syncData();
        } finally {
            file.release();
        }
        tree.appendFiles().syncNames();
    }

    private boolean isInUpper(Node node) {
        tree.readLock().lock();
        try {
            return tree.isUpper(node.recordLayer());
        } finally {
            tree.readLock().unlock();
        }
    }

    /** Under the read lock, because whoever changes records otherwise holds it for writing. */
    private void commitRecord(Node node, long appendFile, long end) throws IOException {
        tree.readLock().lock();
        try (CatalogBatch batch = tree.catalog().batch()) {
            synchronized (node) {
                // Out of the set before looking: an append that comes now puts it back.
                unsynced.remove(node);
                InodeRecord record = node.record();
                if (node.removed || !tree.isUpper(node.recordLayer())) {
                    node.committed(record, end);
                    return;
                }
                if (node.isDirty() && node.recordLayer() == tree.activeLayer()) {
                    batch.putInode(node.recordLayer(), node.inode, record);
                }
                if (appendFile != 0 && appendFile == record.appendFile()) {
                    batch.putAppendFile(new AppendFileRecord(appendFile, node.inode, end));
                }
                tree.catalog().commit(batch, Sync.NO);
                node.committed(record, end);
                if (node.needsCommit()) {
                    unsynced.add(node);
                }
            }
        } finally {
            tree.readLock().unlock();
        }
    }
}
