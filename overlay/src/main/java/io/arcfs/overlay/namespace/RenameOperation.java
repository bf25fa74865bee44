package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.LinkName;
import io.arcfs.overlay.catalog.Origin;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Moves names. A directory that goes on below the active layer keeps its place there by a redirect,
 * so the cost does not depend on what it holds.
 */
final class RenameOperation {
    private final Namespace namespace;
    private final Tree tree;
    private final NameOperations names;

    RenameOperation(Namespace namespace, NameOperations names) {
        this.namespace = namespace;
        this.tree = namespace.tree();
        this.names = names;
    }

    /** A file, or null if nothing is replaced, whose bytes must be durable before the rename. */
    @Nullable Node sourceToSync(long parent, byte[] name, long newParent, byte[] newName)
            throws IOException {
        Node target = tree.find(tree.directory(newParent), newName);
        if (target == null) {
            return null;
        }
        Node source = tree.find(tree.directory(parent), name);
        return source != null && source.isRegular() && namespace.committer().isBehind(source)
                ? source
                : null;
    }

    /** Wants {@code namespaceLock} for writing. */
    void rename(long parentInode, byte[] name, long newParentInode, byte[] newName, RenameMode mode)
            throws IOException {
        NameOperations.checkName(newName);
        Node parent = tree.directory(parentInode);
        Node newParent = names.livingDirectory(newParentInode);
        Node source = NameOperations.require(tree.find(parent, name));
        Node target = tree.find(newParent, newName);
        if (mode == RenameMode.NOREPLACE && target != null) {
            throw Failures.exists();
        }
        if (mode == RenameMode.EXCHANGE) {
            NameOperations.require(target);
        }
        if (source == target) {
            return;
        }
        requireOutside(source, newParent);
        if (mode == RenameMode.EXCHANGE && target != null) {
            requireOutside(target, parent);
            exchange(parent, name, source, newParent, newName, target);
            return;
        }
        if (target != null) {
            requireReplaceable(source, target);
        }
        move(parent, name, source, newParent, newName, target);
    }

    private void move(
            Node parent,
            byte[] name,
            Node source,
            Node newParent,
            byte[] newName,
            @Nullable Node target)
            throws IOException {
        Instant now = namespace.clock().instant();
        try (Change change = new Change(namespace)) {
            if (target != null) {
                change.dropName(target, new LinkName(newParent.inode, newName), now);
            }
            copyUpMoved(change, source, now);
            change.leave(parent, name);
            change.enter(newParent, newName, source);
            rename(
                    change,
                    source,
                    new LinkName(parent.inode, name),
                    new LinkName(newParent.inode, newName));
            int folder = source.isDirectory() ? 1 : 0;
            change.touch(parent, now, -folder);
            change.touch(newParent, now, target == null ? folder : 0);
            change.commit();
        }
    }

    private void exchange(
            Node parent, byte[] name, Node source, Node newParent, byte[] newName, Node target)
            throws IOException {
        Instant now = namespace.clock().instant();
        LinkName here = new LinkName(parent.inode, name);
        LinkName there = new LinkName(newParent.inode, newName);
        try (Change change = new Change(namespace)) {
            copyUpMoved(change, source, now);
            copyUpMoved(change, target, now);
            change.enter(newParent, newName, source);
            change.enter(parent, name, target);
            rename(change, source, here, there);
            rename(change, target, there, here);
            int folders = (target.isDirectory() ? 1 : 0) - (source.isDirectory() ? 1 : 0);
            change.touch(parent, now, folders);
            change.touch(newParent, now, -folders);
            change.commit();
        }
    }

    /** Brings what moves into the active layer; a directory notes where it stands below. */
    private void copyUpMoved(Change change, Node moved, Instant now) throws IOException {
        byte[] below = moved.isDirectory() ? tree.lowerPath(moved) : new byte[0];
        boolean hasLower = moved.isDirectory() && !tree.lower(moved).isEmpty();
        change.copyUp(moved);
        InodeRecord record = change.record(moved);
        Origin origin = record.origin();
        if (moved.isDirectory() && origin instanceof Origin.Same) {
            origin = hasLower ? new Origin.Path(below) : Origin.NONE;
        }
        change.put(moved, record.change().origin(origin).ctime(now).build());
    }

    private void rename(Change change, Node node, LinkName from, LinkName to) throws IOException {
        boolean recorded = node.isDirectory() || tree.catalog().anyName(node.inode, null) != null;
        if (recorded) {
            change.batch().deleteName(node.inode, from).putName(node.inode, to);
        }
        change.then(() -> {
            if (node.parent == from.parent() && Arrays.equals(node.name, from.name())) {
                node.parent = to.parent();
                node.name = to.name();
            }
        });
    }

    private void requireReplaceable(Node source, Node target) throws IOException {
        if (source.isDirectory() && !target.isDirectory()) {
            throw new FsException(Reason.NOT_DIRECTORY, "a directory replaces directories only");
        }
        if (!source.isDirectory() && target.isDirectory()) {
            throw new FsException(Reason.IS_DIRECTORY, "only a directory replaces a directory");
        }
        if (target.isDirectory()) {
            names.requireEmpty(target);
        }
    }

    /** A directory does not move into itself. */
    private void requireOutside(Node moved, Node newParent) throws IOException {
        if (!moved.isDirectory()) {
            return;
        }
        for (Node at = newParent; ; at = tree.directory(at.parent)) {
            if (at == moved) {
                throw new FsException(Reason.INVALID, "a directory does not move into itself");
            }
            if (at.inode == FileSystem.ROOT_INODE) {
                return;
            }
        }
    }
}
