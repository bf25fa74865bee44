package io.arcfs.overlay.namespace;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.catalog.AppendFileRecord;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.Dirent;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.LinkName;
import io.arcfs.overlay.catalog.Origin;
import io.arcfs.overlay.data.AppendFile;
import io.arcfs.overlay.data.FileData;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One change of the namespace: collects what it writes to the active layer, commits it as one
 * batch, and only then shows it in memory (N3). Confined to a thread that holds {@code
 * namespaceLock} for writing.
 */
final class Change implements AutoCloseable {
    private final Namespace namespace;
    private final Tree tree;
    private final int layer;
    private final CatalogBatch batch;
    private final Map<Node, InodeRecord> records = new LinkedHashMap<>();
    private final List<Effect> effects = new ArrayList<>();
    private @Nullable Node named;

    /** What follows in memory once the batch is committed. */
    @FunctionalInterface
    interface Effect {
        void show() throws IOException;
    }

    Change(Namespace namespace) {
        this.namespace = namespace;
        this.tree = namespace.tree();
        this.layer = tree.activeLayer();
        this.batch = tree.catalog().batch();
    }

    CatalogBatch batch() {
        return batch;
    }

    void then(Effect effect) {
        effects.add(effect);
    }

    /** The node's record as this change has made it so far. */
    InodeRecord record(Node node) {
        InodeRecord pending = records.get(node);
        return pending != null ? pending : node.record();
    }

    /**
     * Writes the node's record to the active layer; a node without names only changes in memory.
     */
    void put(Node node, InodeRecord record) {
        records.put(node, record);
    }

    /** Makes a directory, and all above it, part of the active layer (N2). */
    void copyUpDirectory(Node directory) throws IOException {
        if (directory.recordLayer() == layer
                || records.containsKey(directory)
                || directory.removed) {
            return;
        }
        if (directory.inode != FileSystem.ROOT_INODE) {
            Node parent = tree.directory(directory.parent);
            copyUpDirectory(parent);
            batch.putDirent(
                    layer,
                    parent.inode,
                    directory.name,
                    new Dirent(directory.inode, directory.type()));
        }
        put(directory, directory.record().change().origin(Origin.SAME).build());
    }

    /** Makes an inode with all its names part of the active layer (N1). */
    void copyUp(Node node) throws IOException {
        if (!isInLayer(node)) {
            copyUp(node, node.removed ? List.of() : tree.names(node));
        }
    }

    private boolean isInLayer(Node node) {
        return node.recordLayer() == layer || records.containsKey(node);
    }

    private void copyUp(Node node, List<LinkName> names) throws IOException {
        if (node.isDirectory()) {
            copyUpDirectory(node);
            return;
        }
        if (isInLayer(node)) {
            return;
        }
        tree.refresh(node);
        if (node.isRegular()) {
            node.loadData(tree.appendFiles());
        }
        for (LinkName name : names) {
            Node parent = tree.directory(name.parent());
            copyUpDirectory(parent);
            batch.putDirent(layer, parent.inode, name.name(), new Dirent(node.inode, node.type()));
        }
        put(node, node.record());
    }

    /** Puts a name into a directory of the active layer. */
    void enter(Node parent, byte[] name, Node child) throws IOException {
        copyUpDirectory(parent);
        namesChange(parent);
        batch.putDirent(layer, parent.inode, name, new Dirent(child.inode, child.type()));
    }

    /** Nobody looks until the lock is released: then the change is made or taken back. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under namespaceLock
    private static void namesChange(Node directory) {
        directory.namesVersion++;
    }

    /** Takes a name out of a directory: with a whiteout where a lower layer has it, too. */
    void leave(Node parent, byte[] name) throws IOException {
        copyUpDirectory(parent);
        namesChange(parent);
        if (tree.existsBelow(parent, name)) {
            batch.putDirent(layer, parent.inode, name, Dirent.TOMBSTONE);
        } else {
            batch.deleteDirent(layer, parent.inode, name);
        }
    }

    /**
     * The names in a directory have changed.
     *
     * @param folders how many more directories it holds now
     */
    void touch(Node directory, Instant now, int folders) {
        InodeRecord before = record(directory);
        put(
                directory,
                before.change().nlink(before.nlink() + folders).mtime(now).ctime(now).build());
    }

    /** Gives an inode that was made without a name its first one. */
    void enterFirst(Node parent, byte[] name, Node node, Instant now) throws IOException {
        FileData data = node.loadData(tree.appendFiles());
        enter(parent, name, node);
        put(node, record(node).change().nlink(1).ctime(now).build());
        AppendFile file = data.appendFile();
        if (file != null) {
            batch.putAppendFile(new AppendFileRecord(file.number(), node.inode, node.durableEnd()));
        }
        named = node;
        then(() -> {
            node.parent = parent.inode;
            node.name = name;
            node.linkable = false;
            node.removed = false;
            namespace.committer().note(node);
            if (file != null) {
                namespace.references().addActive(file.number());
            }
        });
    }

    /** An inode loses a name; with the last one it loses its place in the active layer. */
    void dropName(Node node, LinkName gone, Instant now) throws IOException {
        if (tree.catalog().hasName(node.inode, gone)) {
            batch.deleteName(node.inode, gone);
        }
        InodeRecord before = node.record();
        if (node.isDirectory() || before.nlink() <= 1) {
            removeInode(node);
            return;
        }
        LinkName other = bringRest(node, gone);
        put(node, record(node).change().nlink(before.nlink() - 1).ctime(now).build());
        then(() -> {
            node.parent = other.parent();
            node.name = other.name();
        });
    }

    /** Makes an inode part of the active layer, without one of its names; gives another one. */
    private LinkName bringRest(Node node, LinkName gone) throws IOException {
        LinkName other = tree.catalog().anyName(node.inode, gone);
        if (other == null) {
            throw new IOException("inode " + node.inode + " has no other name in the catalog");
        }
        if (!isInLayer(node)) {
            // Once a layer; a file may have tens of thousands of names.
            copyUp(
                    node,
                    tree.catalog().names(node.inode).stream()
                            .filter(name -> !name.isSame(gone))
                            .toList());
        }
        return other;
    }

    private void removeInode(Node node) throws IOException {
        if (node.recordLayer() == layer) {
            batch.deleteInode(layer, node.inode);
            if (node.isDirectory()) {
                tree.catalog()
                        .dirents(
                                layer,
                                node.inode,
                                (name, _) -> batch.deleteDirent(layer, node.inode, name));
            }
        }
        records.remove(node);
        long appendFile = node.recordLayer() == layer ? node.record().appendFile() : 0;
        boolean unused = appendFile != 0 && !namespace.references().isSealed(appendFile);
        if (unused) {
            batch.deleteAppendFile(appendFile);
        }
        then(() -> {
            node.removed = true;
            if (appendFile != 0) {
                namespace.references().dropActive(appendFile);
            }
            if (unused) {
                namespace.committer().discard(List.of(appendFile));
            }
        });
    }

    /** Starts a new, empty version of a file, or a first append file behind its archived bytes. */
    void startVersion(Node node, InodeRecord record, FileData data) throws IOException {
        long before = node.recordLayer() == layer ? node.record().appendFile() : 0;
        AppendFile file = data.appendFile();
        long after = file == null ? 0 : file.number();
        put(node, record.change().data(data.runs(), after, data.appendStart()).build());
        if (after != 0 && !node.removed) {
            batch.putAppendFile(new AppendFileRecord(after, node.inode, data.appendStart()));
            then(() -> namespace.committer().forget(List.of(after)));
        }
        if (before != 0 && before != after) {
            then(() -> namespace.dropAppendFile(before));
        }
    }

    /** Commits the batch and shows the change. */
    void commit() throws IOException {
        for (Map.Entry<Node, InodeRecord> entry : records.entrySet()) {
            if (!entry.getKey().removed || entry.getKey() == named) {
                batch.putInode(layer, entry.getKey().inode, entry.getValue());
            }
        }
        tree.catalog().commit(batch, Sync.NO);
        Failpoint.CHANGE_COMMITTED.reach();
        for (Map.Entry<Node, InodeRecord> entry : records.entrySet()) {
            InodeRecord record = entry.getValue();
            entry.getKey().install(record, layer);
            if (record.appendFile() != 0 && !entry.getKey().removed) {
                namespace.references().addActive(record.appendFile());
            }
        }
        for (Effect effect : effects) {
            effect.show();
        }
    }

    @Override
    public void close() {
        batch.close();
    }
}
