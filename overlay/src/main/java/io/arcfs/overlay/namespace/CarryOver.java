package io.arcfs.overlay.namespace;

import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.Dirent;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.LinkName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Moves files out of the sealed layer into the active one, with all their names: files whose old
 * bytes cannot be had now, and files that may still be rewritten. The sealed layer then says
 * nothing of them, so that they are archived with the next one.
 */
public final class CarryOver {
    private final Namespace namespace;
    private final Tree tree;
    private final Catalog catalog;
    private final int sealed;

    private CarryOver(Namespace namespace, int sealed) {
        this.namespace = namespace;
        this.tree = namespace.tree();
        this.catalog = namespace.catalog();
        this.sealed = sealed;
    }

    /** Moves files of a layer that is being built. */
    public static void late(Namespace namespace, int sealed, Set<Long> inodes) throws IOException {
        CarryOver carry = new CarryOver(namespace, sealed);
        // The sealed layer does not change: its names are collected before anybody has to wait.
        Map<Long, List<LinkName>> names = new HashMap<>();
        carry.catalog.dirents(
                sealed,
                (parent, name, dirent) -> {
                    if (inodes.contains(dirent.inode())) {
                        names.computeIfAbsent(dirent.inode(), _ -> new ArrayList<>())
                                .add(new LinkName(parent, name));
                    }
                });
        carry.tree.writeLock().lock();
        try {
            carry.move(names);
        } finally {
            carry.tree.writeLock().unlock();
        }
    }

    /** Moves nodes at the moment of the seal; wants {@code namespaceLock} for writing. */
    static void nodes(Namespace namespace, int sealed, Collection<Node> nodes) throws IOException {
        CarryOver carry = new CarryOver(namespace, sealed);
        Map<Long, List<LinkName>> names = new HashMap<>();
        for (Node node : nodes) {
            names.put(node.inode, carry.tree.names(node));
        }
        carry.move(names);
    }

    private void move(Map<Long, List<LinkName>> namesInSealed) throws IOException {
        try (Change change = new Change(namespace)) {
            long bytes = 0;
            for (Map.Entry<Long, List<LinkName>> file : namesInSealed.entrySet()) {
                long inode = file.getKey();
                InodeRecord record = catalog.inode(sealed, inode);
                Node present = present(inode, file.getValue());
                if (present != null && record != null) {
                    change.copyUp(present);
                    bytes += record.writtenEnd() - record.appendStart();
                }
                change.batch().deleteInode(sealed, inode);
                for (LinkName name : file.getValue()) {
                    forget(change.batch(), name);
                }
            }
            change.commit();
            namespace.carriedOver(bytes);
        }
    }

    /**
     * Takes a name out of the sealed layer. What it hid there stays hidden: layers are merged, and
     * names counted, without the newer one that has the file now.
     */
    private void forget(CatalogBatch batch, LinkName name) throws IOException {
        boolean lowest = tree.stack().layers().getLast().first() == sealed;
        if (lowest) {
            batch.deleteDirent(sealed, name.parent(), name.name());
        } else {
            batch.putDirent(sealed, name.parent(), name.name(), Dirent.TOMBSTONE);
        }
    }

    /** The inode if it has a name, and the active layer says nothing of it yet; else null. */
    private @Nullable Node present(long inode, List<LinkName> names) throws IOException {
        if (catalog.inode(tree.activeLayer(), inode) != null) {
            return null;
        }
        for (LinkName name : names) {
            Node parent = livingDirectory(name.parent());
            Node found = parent == null ? null : tree.find(parent, name.name());
            if (found != null && found.inode == inode) {
                return found;
            }
        }
        return null;
    }

    private @Nullable Node livingDirectory(long inode) throws IOException {
        if (inode != io.arcfs.overlay.FileSystem.ROOT_INODE
                && catalog.anyName(inode, null) == null) {
            return null;
        }
        Node directory = tree.node(inode);
        return directory.removed ? null : directory;
    }
}
