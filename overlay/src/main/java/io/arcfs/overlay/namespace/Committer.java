package io.arcfs.overlay.namespace;

import io.arcfs.device.WaitPoint;
import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.AppendFileRecord;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.data.AppendFile;
import io.arcfs.overlay.data.AppendFiles;
import io.arcfs.overlay.data.FileData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Makes appends durable: bytes first, then the record that counts them, then the catalog's log.
 * Also removes append files whose last reference has durably gone. Thread-safe.
 */
public final class Committer {
    /** So many files are made durable together: one commit of the journal below, one of ours. */
    private static final int TOGETHER = 256;

    private final Tree tree;
    private final Object commitMonitor = new Object();
    private final Set<Node> unsynced = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<Long> garbage = new ConcurrentLinkedQueue<>();
    private final InheritedFiles inherited;

    Committer(Tree tree) {
        this.tree = tree;
        this.inherited = new InheritedFiles(tree, commitMonitor);
    }

    /** Takes over files that a process that died did not make durable. */
    public void inherit(Collection<AppendFileRecord> files) {
        inherited.add(files);
    }

    /** Whether files that were taken over are not durable yet. */
    public boolean hasInherited() {
        return !inherited.isEmpty();
    }

    /** Whether anything of a file is not durable. */
    boolean isBehind(Node node) {
        return node.needsCommit() || inherited.contains(node.record().appendFile());
    }

    /** Notes a file that is being appended to. Called before the append reserves its range. */
    void note(Node node) {
        synchronized (node) {
            node.noted(true);
            unsynced.add(node);
        }
    }

    /** Files with appends that may not be durable. */
    List<Node> unsynced() {
        return List.copyOf(unsynced);
    }

    /** The rows of append files go, or are made anew. */
    void forget(Collection<Long> appendFiles) {
        if (inherited.isEmpty()) {
            return; // as nearly always: none come after opening
        }
        synchronized (commitMonitor) {
            appendFiles.forEach(inherited::remove);
        }
    }

    void discard(Collection<Long> appendFiles) {
        forget(appendFiles);
        garbage.addAll(appendFiles);
    }

    /** Makes one file durable, and with it every namespace change before (C2). */
    void sync(Node node) throws IOException {
        WaitPoint.sync();
        writeOut(List.of(node));
        tree.catalog().sync();
        Failpoint.SYNC_LOG.reach();
    }

    /** Makes everything durable that was done before the call. */
    public void syncAll() throws IOException {
        List<Long> forgotten = new ArrayList<>();
        for (Long number = garbage.poll(); number != null; number = garbage.poll()) {
            forgotten.add(number);
        }
        try {
            List<Node> nodes = unsynced();
            IOException failure = null;
            for (int from = 0; from < nodes.size(); from += TOGETHER) {
                try {
                    writeOut(nodes.subList(from, Math.min(from + TOGETHER, nodes.size())));
                } catch (IOException e) {
                    // One file that cannot be made durable keeps no other from it.
                    failure = failure == null ? e : failure;
                }
            }
            List<AppendFileRecord> files = inherited.all();
            for (int from = 0; from < files.size(); from += TOGETHER) {
                try {
                    inherited.writeOut(
                            files.subList(from, Math.min(from + TOGETHER, files.size())));
                } catch (IOException e) {
                    failure = failure == null ? e : failure;
                }
            }
            tree.catalog().sync();
            if (failure != null) {
                throw failure;
            }
            Failpoint.SYNC_LOG.reach();
        } catch (IOException e) {
            garbage.addAll(forgotten);
            throw e;
        }
        for (long number : forgotten) {
            tree.appendFiles().remove(number);
        }
    }

    /**
     * A file whose bytes are being made durable.
     *
     * @param appendFile where they are; null without any
     * @param end of the bytes that were there before the sync began
     */
    private record Pending(Node node, @Nullable AppendFile appendFile, long end) {
        static Pending of(Node node, AppendFiles appendFiles) {
            FileData data = node.data();
            // Nobody may have asked yet where the bytes of a file are that came with the volume.
            long number = node.record().appendFile();
            AppendFile file =
                    data != null ? data.appendFile() : number == 0 ? null : appendFiles.get(number);
            return new Pending(node, file, node.writtenEnd());
        }

        long appendFileNumber() {
            return appendFile == null ? 0 : appendFile.number();
        }
    }

    /** One record of a batch that is to be committed. */
    private record Written(Pending pending, InodeRecord record, int layer, boolean counted) {}

    private void writeOut(List<Node> nodes) throws IOException {
        List<Pending> pending =
                nodes.stream().map(node -> Pending.of(node, tree.appendFiles())).toList();
        if (pending.size() > 1) {
            // Their places are found together, so that one journal commit below makes good for all.
            for (Pending file : pending) {
                startWriting(file);
            }
        }
        boolean synced = false;
        IOException failure = null;
        List<Pending> durable = new ArrayList<>(pending.size());
        for (Pending file : pending) {
            try {
                synced |= syncData(file);
                durable.add(file);
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (synced) {
            tree.appendFiles().syncNames();
            Failpoint.SYNC_NAMES.reach();
        }
        commitRecords(durable);
        if (failure != null) {
            throw failure;
        }
    }

    /** What was archived meanwhile is durable on the device, and its append file goes. */
    private boolean hasBytesToSync(Pending file) {
        Node node = file.node();
        return file.appendFile() != null && (node.linkable || (!node.removed && isInUpper(node)));
    }

    private void startWriting(Pending file) {
        AppendFile appendFile = file.appendFile();
        if (appendFile != null && hasBytesToSync(file)) {
            appendFile.startWriting();
        }
    }

    /** Returns whether there was anything to sync. */
    private boolean syncData(Pending file) throws IOException {
        AppendFile appendFile = file.appendFile();
        if (appendFile == null || !hasBytesToSync(file)) {
            return false;
        }
        try {
            appendFile.retain();
            try {
                appendFile.syncData();
                Failpoint.SYNC_DATA.reach();
            } finally {
                appendFile.release();
            }
        } catch (IOException e) {
            if (file.node().linkable || isInUpper(file.node())) {
                throw e;
            }
            // Archived meanwhile: its bytes were durable on the device before its append file went.
        }
        return true;
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
    private void commitRecords(List<Pending> files) throws IOException {
        tree.readLock().lock();
        try (CatalogBatch batch = tree.catalog().batch()) {
            // One at a time: an older record must not overtake a newer one on its way to the log.
            synchronized (commitMonitor) {
                List<Written> changes = new ArrayList<>(files.size());
                try {
                    for (Pending file : files) {
                        changes.add(putRecord(batch, file));
                    }
                    tree.catalog().commit(batch, Sync.NO);
                    Failpoint.SYNC_RECORDS.reach();
                } catch (IOException e) {
                    files.forEach(file -> note(file.node()));
                    throw e;
                }
                for (Written change : changes) {
                    Node node = change.pending().node();
                    node.committed(change.record(), change.layer(), change.pending().end());
                    if (change.counted()) {
                        inherited.remove(change.pending().appendFileNumber());
                    }
                    boolean behind = node.needsCommit() || node.isAhead();
                    if (!node.removed && behind && tree.isUpper(node.recordLayer())) {
                        note(node);
                    }
                }
            }
        } finally {
            tree.readLock().unlock();
        }
    }

    private Written putRecord(CatalogBatch batch, Pending file) throws IOException {
        Node node = file.node();
        synchronized (node) {
            // Out of the set before looking: an append that comes now puts it back.
            unsynced.remove(node);
            node.noted(false);
            InodeRecord record = node.record();
            boolean counted = false;
            if (!node.removed && tree.isUpper(node.recordLayer())) {
                if (node.isDirty() && node.recordLayer() == tree.activeLayer()) {
                    batch.putInode(node.recordLayer(), node.inode, record);
                }
                long appendFile = file.appendFileNumber();
                // What is durable already stays so: this node may have been noted in vain and its
                // inode have gone on as another one.
                boolean grown = node.needsCommit() || inherited.contains(appendFile);
                if (grown && appendFile != 0 && appendFile == record.appendFile()) {
                    batch.putAppendFile(new AppendFileRecord(appendFile, node.inode, file.end()));
                    counted = true;
                }
            }
            return new Written(file, record, node.recordLayer(), counted);
        }
    }
}
